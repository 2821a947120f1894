"""One trial: a training in a workspace of its own, what it reports on the way, and what it has come to."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.common.artifacts import read_json
from components.common.environment import CHECKPOINTS
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params
from components.runner.dvc_lock import DvcLock
from flows.execution import dvc, workspace
from flows.execution.processes import CommandError, stream
from flows.sweeps import comparison, identity, optuna_study
from flows.sweeps.mlflow_trials import StudyTracker
from flows.sweeps.plan import Sweep
from flows.sweeps.space import SCORE, Space


class Stopped(RuntimeError):
    """The sweep ends, and this trial's training with it."""


class PlotReader:
    """Rows of a growing CSV that were not seen yet, as (step, value) pairs of one column.

    sign: -1 turns a column that falls as the objective rises.
    """

    def __init__(self, path: Path, column: str, sign: float = 1.0) -> None:
        self._path = path
        self._column = column
        self._sign = sign
        self._last = -1

    def new(self) -> list[tuple[int, float]]:
        if not self._path.is_file():
            return []
        with self._path.open(newline="") as stream:
            rows = [(row.get("step"), row.get(self._column)) for row in csv.DictReader(stream)]
        # The last line of a file being written may be cut; it is whole the next time.
        values = [(int(float(step)), self._sign * float(value)) for step, value in rows if step and value]
        new_values = [(step, value) for step, value in values if step > self._last]
        self._last = max([self._last, *(step for step, _ in new_values)])
        return new_values


def objective(
    sweep: Sweep, tracker: StudyTracker, check: Callable[[], None], log: Callable[[str], None]
) -> Callable[[Any], tuple[float, ...]]:
    """The function Optuna optimizes: train in a workspace, feed the pruner, measure, return the objectives.

    check: raises `Stopped` when the sweep is to end; asked about once a second.
    """
    space = sweep.searched
    data = identity.inputs(DvcLock.read(sweep.root), space)

    def run(trial: Any) -> tuple[float, ...]:
        with workspace.claimed(sweep.folder(trial.number)) as folder:
            optuna_study.claim(trial, sweep.place)
            values = optuna_study.suggest(trial, space)
            now = " (the present parameters)" if values == sweep.present else ""
            log(f"trial {trial.number}{now}: " + ", ".join(f"{key}={value}" for key, value in values.items()))
            workspace.bare(sweep.root, folder, *data)
            if identity.identity(folder, sweep.space) != sweep.identity:
                raise UserError("code, data or other parameters have changed during the sweep; start it again")
            workspace.set_parameters(folder, values)
            load_params(folder / "params.yaml")
            checkpoints = _checkpoints(sweep, values)
            reader = _reader(space, folder)

            def tell(line: str) -> None:
                log(f"trial {trial.number} | {line}")

            def tick() -> None:
                _tick(trial, reader, check)

            try:
                variables = {**tracker.environment(trial.number), CHECKPOINTS.name: str(checkpoints)}
                dvc.repro(folder, space.stage, single=True, environment=variables, on_line=tell, on_tick=tick)
                for step, value in reader():  # what came after the last tick; the pruner compares others with it
                    trial.report(value, step)
                figures = _rehearse(sweep, trial, folder, tell, check) if space.rehearsed else {}
            except CommandError as error:
                trial.set_user_attr("error", str(error)[:400])
                raise
            finally:
                shutil.rmtree(checkpoints, ignore_errors=True)  # only a killed worker leaves state to go on from
            return _objectives(space, {**read_json(Layout(folder).metrics(space.stage)), **figures})

    return run


def _rehearse(
    sweep: Sweep, trial: Any, folder: Path, tell: Callable[[str], None], check: Callable[[], None]
) -> dict[str, float]:
    """Figures and score of what the trial has trained; its cases stay with the trial, for comparisons."""
    file, space = folder / "rehearsal.json", sweep.space
    processes = max(1, load_params(folder / "params.yaml").runtime.workers // sweep.workers)
    command = [sys.executable, "-m", "evaluation.rehearsal", space.stage, "--out", file.name]
    stream([*command, "--workers", str(processes)], tell, cwd=folder, on_tick=check)
    measured = {name: cases for name, cases in read_json(file).items() if name in space.score}
    cases = {name: {case.removeprefix(name).strip(): v for case, v in own.items()} for name, own in measured.items()}
    trial.set_user_attr(optuna_study.CASES, cases)
    others = optuna_study.in_state(trial.study, optuna_study.COMPLETE)
    if now := optuna_study.with_values(others, sweep.present):
        lost = comparison.losses(cases, now.user_attrs.get(optuna_study.CASES, {}), space.score)
        trial.set_constraint(optuna_study.LOST, sum(lost.values()))  # what is ruled out shall not be sought
        if lost:
            tell(f"it loses {', '.join(sorted(lost))}")
    return {**comparison.means(cases), SCORE: comparison.score(cases, space.score)}


def _tick(trial: Any, reader: Callable[[], list[tuple[int, float]]], check: Callable[[], None]) -> None:
    check()
    for step, value in reader():
        optuna_study.report(trial, step, value)


def _reader(space: Space, folder: Path) -> Callable[[], list[tuple[int, float]]]:
    """New intermediate values; none without a report, or with several objectives, which cannot be pruned."""
    if space.report is None or len(space.objectives) > 1:
        return list
    against = (space.report.direction or space.objectives[0].direction) != space.objectives[0].direction
    return PlotReader(Layout(folder).plots(space.report.plots), space.report.column, -1.0 if against else 1.0).new


def _checkpoints(sweep: Sweep, values: Mapping[str, Any]) -> Path:
    """Where the training with these values keeps its state: the same for a trial and its retry."""
    name = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    return sweep.home / "checkpoints" / name


def _objectives(space: Space, metrics: Mapping[str, Any]) -> tuple[float, ...]:
    if unknown := [goal.metric for goal in space.objectives if goal.metric not in metrics]:
        raise UserError(f"metrics of {space.stage} lack {unknown[0]}; there are: {', '.join(sorted(metrics))}")
    return tuple(float(metrics[goal.metric]) for goal in space.objectives)
