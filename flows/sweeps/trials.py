"""Work on a study: trials in isolated workspaces, several at a time, resumed after any death. Knows no Prefect."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.common.artifacts import read_json
from components.common.environment import CHECKPOINTS
from components.common.errors import StageError, UserError
from components.common.layout import Layout
from components.common.params import load_params
from flows.execution import dvc, workspace
from flows.execution.locks import exclusive
from flows.execution.processes import CommandError
from flows.setup import optuna_uri
from flows.sweeps import optuna_study
from flows.sweeps.mlflow_trials import StudyTracker
from flows.sweeps.space import Space

WORKSPACES = ".sweeps"
FAILURES_IN_A_ROW = 5  # trials; then something other than the parameters is wrong
SETTLE_SECONDS = 0.5


class PlotReader:
    """Rows of a growing CSV that were not seen yet, as (step, value) pairs of one column."""

    def __init__(self, path: Path, column: str) -> None:
        self._path = path
        self._column = column
        self._last = -1

    def new(self) -> list[tuple[int, float]]:
        if not self._path.is_file():
            return []
        with self._path.open(newline="") as stream:
            rows = [(row.get("step"), row.get(self._column)) for row in csv.DictReader(stream)]
        # The last line of a file being written may be cut; it is whole the next time.
        values = [(int(float(step)), float(value)) for step, value in rows if step and value]
        new_values = [(step, value) for step, value in values if step > self._last]
        self._last = max([self._last, *(step for step, _ in new_values)])
        return new_values


@dataclass(frozen=True)
class Sweep:
    """One study to work on. trials: complete or pruned ones it shall have in the end, whoever runs them."""

    root: Path
    name: str
    space: Space
    trials: int
    workers: int = 1
    timeout: float | None = None  # seconds; no trial starts after them

    @property
    def home(self) -> Path:
        """Workspaces of its trials."""
        return self.root / WORKSPACES / self.name

    @property
    def place(self) -> str:
        """Names this machine and project in the study."""
        return f"{socket.gethostname()}:{self.root}"

    def open(self) -> Any:
        seed = load_params(self.root / "params.yaml").runtime.seed
        with exclusive(self.root / WORKSPACES / f"{self.name}.study.lock"):
            return optuna_study.open_study(self.name, self.space, optuna_uri(self.root).secret, seed)

    def folder(self, number: int) -> Path:
        return self.home / f"{number:04d}"


@dataclass
class _Health:
    """Failures in a row over all workers of this process, and whether to stop."""

    limit: int
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: int = 0
    reason: str = ""

    def note(self, trial: Any) -> None:
        if self.stopped.is_set():
            return
        failed = trial.state.name == optuna_study.FAILED
        self.failures = self.failures + 1 if failed else 0
        if self.failures >= self.limit:
            self.reason = str(trial.user_attrs.get("error", "unknown"))
            self.stopped.set()


def tidy(sweep: Sweep, study: Any, tracker: StudyTracker, log: Callable[[str], None]) -> None:
    """Clear up after workers that died: their trials fail and are queued again, their workspaces go."""
    with exclusive(sweep.root / WORKSPACES / f"{sweep.name}.study.lock"):
        orphans = optuna_study.reap(study, sweep.place, lambda number: workspace.alive(sweep.folder(number)))
        workspaces = workspace.sweep_up(sweep.home)
    if orphans:
        log(f"trials {', '.join(map(str, orphans))} lost their worker; they are tried again")
    if workspaces:
        log(f"removed {len(workspaces)} workspace(s) of dead workers")
    tracker.end(optuna_study.in_state(study, *optuna_study.ENDED))


def work(sweep: Sweep, tracker: StudyTracker, log: Callable[[str], None]) -> Any:
    """Run trials until the study has enough; returns the study.

    Raises:
        StageError: trial after trial fails.
        UserError: the space does not fit the project.
    """
    workspace.needs(sweep.root, sweep.space.stage)  # complain before the first trial
    study = sweep.open()
    tidy(sweep, study, tracker, log)
    health = _Health(min(FAILURES_IN_A_ROW, sweep.trials))
    deadline = None if sweep.timeout is None else time.monotonic() + sweep.timeout
    try:
        with ThreadPoolExecutor(sweep.workers, thread_name_prefix="sweep") as pool:
            jobs = [pool.submit(_worker, sweep, tracker, health, deadline, log) for _ in range(sweep.workers)]
            try:
                wait(jobs, return_when=FIRST_EXCEPTION)
            finally:  # an interruption, or one worker's error: the trainings of the others end within a second
                if not all(job.done() and job.exception() is None for job in jobs):
                    health.stopped.set()
        for job in jobs:
            job.result()
        if health.reason:
            raise StageError(f"{health.failures} trials in a row failed, the last because {health.reason}")
        _settle(sweep, study, tracker, log)
        if not optuna_study.in_state(study, optuna_study.RUNNING, optuna_study.WAITING):
            shutil.rmtree(sweep.home / "checkpoints", ignore_errors=True)
    finally:
        tracker.end(optuna_study.in_state(study, *optuna_study.ENDED))
    return study


def _worker(
    sweep: Sweep, tracker: StudyTracker, health: _Health, deadline: float | None, log: Callable[[str], None]
) -> None:
    study = sweep.open()  # each worker its own: Optuna keeps the state of a loop in it

    def ended(trial: Any) -> bool:
        tracker.end([trial])
        result = ", ".join(f"{value:.5g}" for value in trial.values or ()) or trial.user_attrs.get("error", "")
        log(f"trial {trial.number}: {trial.state.name.lower()} {result}".rstrip())
        health.note(trial)
        return health.stopped.is_set()

    seconds = None if deadline is None else max(0.0, deadline - time.monotonic())
    run = _objective(sweep, tracker, health, log)
    optuna_study.optimize(study, run, sweep.trials, (CommandError, Stopped), ended, seconds)


def _settle(sweep: Sweep, study: Any, tracker: StudyTracker, log: Callable[[str], None]) -> None:
    """Give silent trials the time to be known as dead; what runs after that belongs to other workers."""
    deadline = time.monotonic() + optuna_study.GRACE_SECONDS + optuna_study.HEARTBEAT_SECONDS
    while time.monotonic() < deadline:
        tidy(sweep, study, tracker, log)
        others = optuna_study.in_state(study, optuna_study.RUNNING)
        if all(optuna_study.owned(trial, sweep.place) for trial in others):  # alive: `tidy` has just looked
            return
        time.sleep(SETTLE_SECONDS)


def _objective(
    sweep: Sweep, tracker: StudyTracker, health: _Health, log: Callable[[str], None]
) -> Callable[[Any], tuple[float, ...]]:
    """The function Optuna minimizes: train in a workspace, feed the pruner, return the objectives."""
    space = sweep.space

    def run(trial: Any) -> tuple[float, ...]:
        with workspace.claimed(sweep.folder(trial.number)) as folder:
            optuna_study.claim(trial, sweep.place)
            values = optuna_study.suggest(trial, space)
            log(f"trial {trial.number}: " + ", ".join(f"{key}={value}" for key, value in values.items()))
            workspace.create(sweep.root, folder, space.stage)
            workspace.set_parameters(folder, values)
            load_params(folder / "params.yaml")
            checkpoints = _checkpoints(sweep, values)
            reader = _reader(space, folder)
            try:
                dvc.repro(
                    folder,
                    space.stage,
                    single=True,
                    environment={**tracker.environment(trial.number), CHECKPOINTS.name: str(checkpoints)},
                    on_line=lambda line: log(f"trial {trial.number} | {line}"),
                    on_tick=lambda: _tick(trial, reader, health),
                )
            except CommandError as error:
                trial.set_user_attr("error", str(error)[:400])
                raise
            finally:
                shutil.rmtree(checkpoints, ignore_errors=True)  # only a killed worker leaves state to go on from
            for step, value in reader():  # what came after the last tick; the pruner compares others with it
                trial.report(value, step)
            return _objectives(space, read_json(Layout(folder).metrics(space.stage)))

    return run


class Stopped(RuntimeError):
    """The sweep ends, and this trial's training with it."""


def _tick(trial: Any, reader: Callable[[], list[tuple[int, float]]], health: _Health) -> None:
    if health.stopped.is_set():
        raise Stopped("the sweep was stopped")
    for step, value in reader():
        optuna_study.report(trial, step, value)


def _reader(space: Space, folder: Path) -> Callable[[], list[tuple[int, float]]]:
    """New intermediate values; none without a report, or with several objectives, which cannot be pruned."""
    if space.report is None or len(space.objectives) > 1:
        return list
    return PlotReader(Layout(folder).plots(space.report.plots), space.report.column).new


def _checkpoints(sweep: Sweep, values: Mapping[str, Any]) -> Path:
    """Where the training with these values keeps its state: the same for a trial and its retry."""
    name = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    return sweep.home / "checkpoints" / name


def _objectives(space: Space, metrics: Mapping[str, Any]) -> tuple[float, ...]:
    if unknown := [goal.metric for goal in space.objectives if goal.metric not in metrics]:
        raise UserError(f"metrics of {space.stage} lack {unknown[0]}; there are: {', '.join(sorted(metrics))}")
    return tuple(float(metrics[goal.metric]) for goal in space.objectives)
