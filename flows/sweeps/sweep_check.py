"""Everything about a sweep that can be wrong before its first training, said in one line each and at once."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Collection, Iterable
from typing import Any

from components.common.artifacts import read_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params, validate
from components.runner.dvc_lock import DvcLock
from evaluation.metrics.registry import METRICS
from flows.execution import workspace
from flows.sweeps import identity
from flows.sweeps.plan import Sweep
from flows.sweeps.space import SCORE, Range

# What a training can change of what `evaluation.rehearsal` measures.
REHEARSED = {"train_style_e": ("style_e/", "talker/"), "train_style_a": ("style_a/", "art/")}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def check(sweep: Sweep) -> None:
    """Refuse a sweep that could not come to anything.

    Raises:
        UserError: the first mistake found.
    """
    _budget(sweep)
    _stage(sweep)
    _parameters(sweep)
    _score(sweep)
    _objectives(sweep)
    _report(sweep)
    _data(sweep)


def _budget(sweep: Sweep) -> None:
    if not NAME.fullmatch(sweep.name):
        raise UserError(f"a study's name has letters, digits, dots and dashes, at most 80; {sweep.name!r} will not do")
    if sweep.trials is None and sweep.timeout is None:
        raise UserError("a sweep needs an end: --trials, --timeout or both")
    if sweep.trials is not None and sweep.trials < 1:
        raise UserError(f"--trials must be at least 1, not {sweep.trials}")
    if sweep.workers < 1:
        raise UserError(f"--workers must be at least 1, not {sweep.workers}")
    if sweep.timeout is not None and not sweep.timeout > 0:
        raise UserError("--timeout must be more than nothing")


def _stage(sweep: Sweep) -> None:
    stage, known = sweep.space.stage, DvcLock.read(sweep.root).declared
    if stage not in known:
        raise UserError(f"dvc.yaml has no stage {_guess(stage, known)}")
    workspace.needs(sweep.root, stage)


def _parameters(sweep: Sweep) -> None:
    values = load_params(sweep.root / "params.yaml").model_dump()
    flat = identity.flat(values)
    declared = identity.declared_parameters(sweep.root, sweep.space.stage)
    for name, bounds in sweep.space.parameters.items():
        if name not in flat:
            raise UserError(f"params.yaml has no parameter {_guess(name, flat)}")
        if not any(f"{name}.".startswith(f"{section}.") for section in declared):
            raise UserError(f"{name} changes nothing in stage {sweep.space.stage}, which depends on no such parameter")
        _type(name, bounds, flat[name])
        for edge in bounds.edges:
            validate(_with(values, name, edge), f"search space, {name}: {edge}")
    for number, guess in enumerate(sweep.space.first):
        for name, value in guess.items():
            if name not in sweep.space.parameters:
                raise UserError(f"first.{number}: {_guess(name, sweep.space.parameters)} is not among the parameters")
            validate(_with(values, name, value), f"search space, first.{number}")
    sweep.searched  # noqa: B018 (raises where the space cannot hold the values tried first)


def _type(name: str, bounds: Range, now: Any) -> None:
    words = isinstance(now, str | bool)
    if words and bounds.type != "categorical":
        raise UserError(f"{name} is {now!r} now; a parameter of words has a range of type: categorical")
    if isinstance(now, int) and not words and bounds.type == "float":
        raise UserError(f"{name} is a whole number ({now} now); its range has type: int")


def _score(sweep: Sweep) -> None:
    space = sweep.space
    if any(goal.metric == SCORE for goal in space.objectives) and not space.score:
        raise UserError(f"the objective {SCORE} needs a section `score:` with figures in the search space")
    if not space.rehearsed:
        return
    if space.stage not in REHEARSED:
        raise UserError(f"a score can be made for {', '.join(sorted(REHEARSED))}, not for {space.stage}")
    known = [name for name in METRICS if name.startswith(REHEARSED[space.stage])]
    for name, figure in space.score.items():
        if name not in known:
            raise UserError(f"score: {space.stage} changes no figure {_guess(name, known)}")
        better = METRICS[name].higher_is_better
        if better is not None and better != (figure.direction == "maximize"):
            raise UserError(f"score: {name} is better {'high' if better else 'low'}; {figure.direction} is the reverse")


def _objectives(sweep: Sweep) -> None:
    space = sweep.space
    path = Layout(sweep.root).metrics(space.stage)
    if not path.is_file():
        raise UserError(f"{path} is missing, which says what {space.stage} measures; run `dvc repro` once")
    known = {*read_json(path), *space.score, *([SCORE] if space.score else [])}
    goals = [goal.metric for goal in space.objectives]
    for goal in goals:
        if goal not in known:
            raise UserError(f"metrics of {space.stage} lack {_guess(goal, known)}; there are: {_listed(known)}")
    if len(set(goals)) < len(goals):
        raise UserError("an objective is named twice")
    for objective in space.objectives:
        own = space.score.get(objective.metric)
        if objective.metric == SCORE and objective.direction == "minimize":
            raise UserError("points are good: the score is to be maximized")
        if own is not None and own.direction != objective.direction:
            raise UserError(f"{objective.metric}: the objective says {objective.direction}, the score {own.direction}")


def _report(sweep: Sweep) -> None:
    report = sweep.space.report
    if report is None:
        return
    path = Layout(sweep.root).plots(report.plots)
    if not path.is_file():
        raise UserError(f"report: there is no {path}")
    with path.open(newline="", encoding="utf-8") as stream:
        columns = next(csv.reader(stream), [])
    if report.column not in columns:
        raise UserError(
            f"report: {path} has no column {_guess(report.column, columns)}; it has {_listed(columns)} (run "
            "`dvc repro` if it is old)"
        )


def _data(sweep: Sweep) -> None:
    lock = DvcLock.read(sweep.root)
    for stage in identity.stages(sweep.space):
        workspace.needs(sweep.root, stage)
    if missing := workspace.uncached(sweep.root, identity.inputs(lock, sweep.space)):
        raise UserError(f"DVC's cache lacks {missing[0]}; run `dvc repro` once, or `dvc pull`, before sweeping")


def _with(values: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The nested values with one of them changed."""
    key, _, rest = name.partition(".")
    return {**values, key: _with(values[key], rest, value) if rest else value}


def _guess(name: str, known: Collection[str]) -> str:
    """The name, and what may have been meant."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"{name} (did you mean {close[0]}?)" if close else name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
