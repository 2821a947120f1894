"""Work on a study: trials in isolated workspaces, several at a time, resumed after any death. Knows no Prefect."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from components.common.errors import StageError
from flows.execution import workspace
from flows.execution.locks import exclusive
from flows.execution.processes import CommandError
from flows.setup import optuna_uri
from flows.sweeps import optuna_study
from flows.sweeps.mlflow_trials import StudyTracker
from flows.sweeps.one_trial import Stopped, objective
from flows.sweeps.plan import WORKSPACES, Sweep
from flows.sweeps.sweep_progress import SweepProgress, shown

FAILURES_IN_A_ROW = 5  # trials; then something other than the parameters is wrong
SETTLE_SECONDS = 0.5


@dataclass
class _Health:
    """Failures in a row over all workers of this process, and whether to stop."""

    limit: int
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: int = 0
    reason: str = ""

    def check(self) -> None:
        """Raise `Stopped` where the sweep has been stopped."""
        if self.stopped.is_set():
            raise Stopped("the sweep was stopped")

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
    with exclusive(sweep.root / WORKSPACES / f"{sweep.study}.study.lock"):
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
    study = sweep.open()
    _announce(sweep, study, log)
    tidy(sweep, study, tracker, log)
    with exclusive(sweep.root / WORKSPACES / f"{sweep.study}.study.lock"):
        optuna_study.queue(study, sweep.present, sweep.space.first)
    health = _Health(min(FAILURES_IN_A_ROW, sweep.trials or FAILURES_IN_A_ROW))
    progress = SweepProgress(study, sweep.space, sweep.present, sweep.trials, sweep.timeout)
    deadline = None if sweep.timeout is None else time.monotonic() + sweep.timeout
    try:
        with (
            shown(progress, log) as told,
            ThreadPoolExecutor(sweep.workers, thread_name_prefix="sweep") as pool,
        ):
            jobs = [pool.submit(_worker, sweep, tracker, health, deadline, log, told) for _ in range(sweep.workers)]
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


def _announce(sweep: Sweep, study: Any, log: Callable[[str], None]) -> None:
    """Say which study this is, and why it is not an older one of that name."""
    others = optuna_study.others(optuna_uri(sweep.root).secret, f"{sweep.name}-", sweep.study)
    if others and not study.get_trials(deepcopy=False):
        log(
            f"a new study, {sweep.study}: code, data or other parameters are not those of {', '.join(others)}, "
            "whose trials cannot be compared with new ones"
        )
    else:
        log(f"study {sweep.study}")


def _worker(
    sweep: Sweep,
    tracker: StudyTracker,
    health: _Health,
    deadline: float | None,
    log: Callable[[str], None],
    told: Callable[[], None],
) -> None:
    study = sweep.open()  # each worker its own: Optuna keeps the state of a loop in it

    def ended(trial: Any) -> bool:
        tracker.end([trial])
        result = ", ".join(f"{value:.5g}" for value in trial.values or ()) or trial.user_attrs.get("error", "")
        log(f"trial {trial.number}: {trial.state.name.lower()} {result}".rstrip())
        told()
        health.note(trial)
        return health.stopped.is_set()

    seconds = None if deadline is None else max(0.0, deadline - time.monotonic())
    run = objective(sweep, tracker, health.check, log)
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
