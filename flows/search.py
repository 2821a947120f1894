"""Optuna, in one place: search spaces, the study's storage, suggestions and pruning.

A search space is a YAML file in `flows/spaces/`: the stage to train, the objectives (keys of the stage's metrics file),
the step metric that feeds the pruner, and the parameters with their ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import MaxTrialsCallback
from optuna.trial import TrialState
from pydantic import Field, ValidationError

from components.common.errors import UserError
from components.common.params import Section, read_yaml

SPACES = Path(__file__).parent / "spaces"
HEARTBEAT_SECONDS = 10
GRACE_SECONDS = 30
DONE = (TrialState.COMPLETE, TrialState.PRUNED)


class Objective(Section):
    """A key of `metrics/<stage>.json` and which way is better."""

    metric: str
    direction: Literal["minimize", "maximize"]


class Report(Section):
    """Where intermediate values come from: a column of `plots/<plots>.csv`."""

    plots: str
    column: str


class Range(Section):
    """One parameter's range."""

    type: Literal["float", "int", "categorical"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[float | int | str, ...] = ()


class Space(Section):
    """A whole search space."""

    stage: str
    objectives: tuple[Objective, ...] = Field(min_length=1)
    report: Report | None = None
    parameters: dict[str, Range] = Field(min_length=1)


def names() -> list[str]:
    return sorted(path.stem for path in SPACES.glob("*.yaml"))


def load_space(name: str) -> Space:
    """A space by name; mistakes are one line."""
    path = SPACES / f"{name}.yaml"
    if not path.is_file():
        raise UserError(f"no search space {name!r}; there are: {', '.join(names())}")
    try:
        return Space.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """Dotted parameter -> value proposed for this trial."""

    def one(name: str, given: Range) -> Any:
        if given.type == "float":
            return trial.suggest_float(name, given.low, given.high, log=given.log)
        if given.type == "int":
            return trial.suggest_int(name, int(given.low), int(given.high), log=given.log)
        return trial.suggest_categorical(name, list(given.choices))

    return {name: one(name, given) for name, given in space.parameters.items()}


def make_storage(uri: str) -> RDBStorage:
    """Study storage with heartbeats: a trial whose worker was killed is found stale and tried again."""
    return RDBStorage(
        uri,
        heartbeat_interval=HEARTBEAT_SECONDS,
        grace_period=GRACE_SECONDS,
        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=2),
    )


def open_study(name: str, space: Space, uri: str, seed: int) -> optuna.Study:
    """The study, made or continued. Several objectives give a Pareto front and no pruning."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1)
    return optuna.create_study(
        study_name=name,
        storage=make_storage(uri),
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True),
        pruner=pruner if len(space.objectives) == 1 else optuna.pruners.NopPruner(),
        directions=[objective.direction for objective in space.objectives],
        load_if_exists=True,
    )


def run_trials(study: optuna.Study, objective: Callable[[optuna.Trial], tuple[float, ...]], trials: int) -> None:
    """Work on the study until `trials` of it are complete or pruned, whoever ran them."""
    if count(study) < trials:
        study.optimize(objective, callbacks=[MaxTrialsCallback(trials, states=DONE)], catch=())


def count(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=DONE))


class Pruned(optuna.TrialPruned):
    """The pruner ended this trial; a normal end, not a failure."""


def report(trial: optuna.Trial, step: int, value: float) -> None:
    """Tell the pruner an intermediate value; raises `Pruned` when the trial is not worth going on with."""
    trial.report(value, step)
    if trial.should_prune():
        raise Pruned(f"pruned at step {step}")


def best(study: optuna.Study) -> Mapping[str, Any]:
    """Parameters of the best trial (of the first on the front, with several objectives)."""
    trials = study.best_trials
    if not trials:
        raise UserError("the study has no complete trial yet")
    return dict(trials[0].params)
