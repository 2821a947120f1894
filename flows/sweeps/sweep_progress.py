"""How far a whole sweep has come: trials done, the best so far against now, and the time left.

A bar on a terminal, with the log above it; anywhere else a line after every trial.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from components.common.progress import console
from flows.sweeps import optuna_study
from flows.sweeps.comparison import compromise
from flows.sweeps.space import Space


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def best_so_far(study: Any, space: Space, present: Mapping[str, Any]) -> str:
    """The best trial's objectives, and what they gain over now; "" before the first trial is complete.

    Whether it is allowed and beyond the noise is judged at the end.
    """
    complete = optuna_study.in_state(study, optuna_study.COMPLETE)
    if not complete:
        return ""
    best = compromise(complete, space)
    now = optuna_study.with_values(complete, present)
    pairs = zip(space.objectives, best.values, now.values if now else best.values, strict=True)
    words = ", ".join(f"{goal.metric} {new:.5g}" + (f" ({new - old:+.3g})" if now else "") for goal, new, old in pairs)
    return f"best so far now: {words}" if best is now else f"best so far trial {best.number}: {words}"


class SweepProgress:
    """Counts the trials of a study while this process works on it. trials: None where only the time is limited."""

    def __init__(self, study: Any, space: Space, present: Mapping[str, Any], trials: int | None, timeout: float | None):
        self._study, self._space, self._present = study, space, present
        self._trials, self._timeout = trials, timeout
        self._start = time.monotonic()
        self._before = optuna_study.count(study)

    @property
    def total(self) -> int | None:
        return self._trials

    @property
    def done(self) -> int:
        return optuna_study.count(self._study)

    def left(self, now: float | None = None) -> float | None:
        """Seconds that are left at the present pace, at most those of the timeout; None where nothing is known yet."""
        spent = (time.monotonic() if now is None else now) - self._start
        done = self.done
        bounds = []
        if self._trials is not None and done > self._before:
            bounds.append(max(0, self._trials - done) * spent / (done - self._before))
        if self._timeout is not None:
            bounds.append(max(0.0, self._timeout - spent))
        return min(bounds, default=None)

    def line(self) -> str:
        """The whole state in one line."""
        of = f" of {self._trials}" if self._trials is not None else ""
        pruned = len(optuna_study.in_state(self._study, optuna_study.PRUNED))
        failed = len(optuna_study.in_state(self._study, optuna_study.FAILED))
        asides = [f"{number} {word}" for number, word in ((pruned, "pruned"), (failed, "failed")) if number]
        left = self.left()
        parts = [
            f"{self.done}{of} trials" + (f" ({', '.join(asides)})" if asides else ""),
            best_so_far(self._study, self._space, self._present),
            "" if left is None else f"about {duration(left)} left",
        ]
        return "sweep: " + "; ".join(part for part in parts if part)


@contextmanager
def shown(progress: SweepProgress, log: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Show the progress for the block; yields what to call after every trial."""
    if not sys.stderr.isatty():
        yield lambda: log(progress.line())
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=console, redirect_stdout=False) as bar, _logs_above():
        task = bar.add_task(progress.line(), total=progress.total, completed=progress.done)

        def ended() -> None:
            bar.update(task, description=progress.line(), completed=progress.done)
            log(progress.line())  # for who reads the log later

        yield ended


@contextmanager
def _logs_above() -> Iterator[None]:
    """Prefect's log writes to the terminal by a console of its own; while a bar is shown, through the bar's."""
    names = ["", *logging.root.manager.loggerDict]
    handlers = {handler for name in names for handler in logging.getLogger(name).handlers}
    consoles = [own for own in (getattr(handler, "console", None) for handler in handlers) if isinstance(own, Console)]
    files = [own.file for own in consoles]
    for own in consoles:
        own.file = sys.stderr  # which the bar has replaced
    try:
        yield
    finally:
        for own, file in zip(consoles, files, strict=True):
            own.file = file
