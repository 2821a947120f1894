"""Optuna behind a few functions: the study's storage, suggestions, pruning, and trials whose worker died."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import MaxTrialsCallback
from optuna.trial import FrozenTrial, TrialState

from components.common.errors import UserError
from flows.sweeps.space import Range, Space

HEARTBEAT_SECONDS = 10
GRACE_SECONDS = 30
RETRIES = 2  # of a trial whose worker died
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
COMPLETE, PRUNED, FAILED = TrialState.COMPLETE.name, TrialState.PRUNED.name, TrialState.FAIL.name
RUNNING, WAITING = TrialState.RUNNING.name, TrialState.WAITING.name
ENDED = (COMPLETE, PRUNED, FAILED)
OWNER = "owner"  # user attribute of a trial: whose it is, see `claim`
CASES = "cases"  # user attribute: figure -> case -> value
PRESENT = "present"  # user attribute of a trial that was queued because `params.yaml` holds its values
LOST = "lost"  # the constraint: points that a figure has lost beyond what it may
DIGITS = 2  # significant ones of a value from a logarithmic range; of a linear one's width


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """Dotted parameter -> value proposed for this trial."""

    def value(name: str, bounds: Range) -> Any:
        if bounds.type == "float":
            return trial.suggest_float(name, bounds.low, bounds.high, log=bounds.log)
        if bounds.type == "int":
            return trial.suggest_int(name, int(bounds.low), int(bounds.high), log=bounds.log)
        return trial.suggest_categorical(name, list(bounds.choices))

    try:
        return {name: value(name, bounds) for name, bounds in space.parameters.items()}
    except ValueError as error:  # a choice was added or removed since the study began
        raise UserError(f"the study knows another search space ({error}); name a new one with --study") from error


def make_storage(uri: str) -> RDBStorage:
    """Study storage with heartbeats: a trial whose worker was killed is found stale and tried again."""
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats are marked so since 2.9
    return RDBStorage(
        uri,
        # Several workers and their heartbeats write to one file: wait for each other rather than fail.
        engine_kwargs={"connect_args": {"timeout": 60}} if uri.startswith("sqlite") else {},
        heartbeat_interval=HEARTBEAT_SECONDS,
        grace_period=GRACE_SECONDS,
        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=RETRIES),
    )


def rounded(value: Any, distribution: BaseDistribution) -> Any:
    """A proposal as a person would write it into `params.yaml`: 0.0031, not 0.0030904...; within its range."""
    if not isinstance(distribution, FloatDistribution):
        return value
    low, high = distribution.low, distribution.high
    if distribution.log:
        short = float(f"{value:.{DIGITS}g}")
    else:
        short = round(float(value), max(0, DIGITS - math.floor(math.log10(high - low)))) if high > low else value
    return min(max(short, low), high)


class NumberedSampler(BaseSampler):
    """TPE that draws trial n from seed + n, so that workers who start together do not propose the same trials.

    Whoever runs trial n, from the same history the same values are proposed. Values are short: see `rounded`.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._trial = threading.local()

    @property
    def _tpe(self) -> BaseSampler:
        return getattr(self._trial, "sampler", None) or self._make(0)

    def _make(self, number: int) -> BaseSampler:
        return TPESampler(seed=self._seed + number, multivariate=True, constant_liar=True)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        self._trial.sampler = self._make(trial.number)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, Any]:
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, Any]) -> dict[str, Any]:
        values = self._tpe.sample_relative(study, trial, search_space)
        return {name: rounded(value, search_space[name]) for name, value in values.items()}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: Any
    ) -> Any:
        value = self._tpe.sample_independent(study, trial, param_name, param_distribution)
        return rounded(value, param_distribution)


def open_study(name: str, space: Space, uri: str, seed: int) -> optuna.Study:
    """The study, made or continued. Several objectives give a Pareto front and no pruning.

    Raises:
        UserError: a study of that name has other objectives.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # a failed trial is told in one line, not with a traceback
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if space.report is not None and len(space.objectives) == 1:
        one = space.report
        pruner = optuna.pruners.PercentilePruner(100 * one.keep, n_startup_trials=one.after, n_warmup_steps=one.warmup)
    study = optuna.create_study(
        study_name=name,
        storage=make_storage(uri),
        sampler=NumberedSampler(seed),
        pruner=pruner,
        directions=[objective.direction for objective in space.objectives],
        load_if_exists=True,
    )
    goals = [f"{goal.metric}:{goal.direction}" for goal in space.objectives]
    own_goals = study.user_attrs.get("objectives", goals)
    if own_goals != goals:
        words = f"{', '.join(own_goals)}, not {', '.join(goals)}"
        raise UserError(f"study {name} has the objectives {words}; name a new one with --study")
    study.set_user_attr("objectives", goals)
    return study


def others(uri: str, prefix: str, name: str) -> list[str]:
    """Names of the storage's studies that begin like `name`, newest last."""
    summaries = optuna.get_all_study_summaries(uri, include_best_trial=False)
    known = [one.study_name for one in sorted(summaries, key=lambda one: one._study_id)]
    return [one for one in known if one.startswith(prefix) and len(one) == len(name) and one != name]


def optimize(
    study: optuna.Study,
    objective: Callable[[optuna.Trial], tuple[float, ...]],
    trials: int | None,
    failures: type[Exception] | tuple[type[Exception], ...],
    on_end: Callable[[FrozenTrial], bool],
    timeout: float | None = None,
) -> None:
    """Work on the study until `trials` of it are complete or pruned, whoever ran them; None: until the time is up.

    failures: errors of the objective that fail its trial and nothing else. Others end the work.
    on_end: told every trial this call has ended; True stops the work. timeout: no trial starts after so many seconds.
    """

    def ended(study: optuna.Study, trial: FrozenTrial) -> None:
        if on_end(trial):
            study.stop()

    if trials is None or count(study) < trials:
        enough = [] if trials is None else [MaxTrialsCallback(trials, states=DONE)]
        study.optimize(objective, callbacks=[ended, *enough], catch=failures, timeout=timeout)


def queue(study: optuna.Study, present: Mapping[str, Any], first: Sequence[Mapping[str, Any]] = ()) -> None:
    """Have the present parameters tried, then those of `first`, unless they have been or will be.

    What has failed is tried again: its worker may have been stopped.
    """
    known = [_fixed(trial) for trial in in_state(study, COMPLETE, RUNNING, WAITING)]
    if dict(present) not in known:
        study.enqueue_trial(dict(present), user_attrs={PRESENT: True})
    known += [dict(present), *(trial.params for trial in in_state(study, PRUNED))]
    for values in ({**present, **guess} for guess in first):
        if values not in known:
            study.enqueue_trial(values)


def _fixed(trial: FrozenTrial) -> dict[str, Any]:
    """The values of a trial, also of one that waits."""
    return dict(trial.system_attrs.get("fixed_params", trial.params))


def with_values(trials: Sequence[FrozenTrial], values: Mapping[str, Any]) -> FrozenTrial | None:
    """The first of the trials that has these values."""
    return next((trial for trial in trials if trial.params == dict(values)), None)


def count(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=DONE))


def in_state(study: optuna.Study, *states: str) -> list[FrozenTrial]:
    """Trials in any of these states, oldest first."""
    return study.get_trials(deepcopy=False, states=[TrialState[state] for state in states])


class Pruned(optuna.TrialPruned):
    """The pruner ended this trial; a normal end, not a failure."""


def report(trial: optuna.Trial, step: int, value: float) -> None:
    """Tell the pruner an intermediate value; raises `Pruned` when the trial is not worth going on with.

    The present parameters are never given up: everything is compared with them.
    """
    trial.report(value, step)
    if PRESENT not in trial.user_attrs and trial.should_prune():
        raise Pruned(f"pruned at step {step}")


def claim(trial: optuna.Trial, place: str) -> None:
    """Mark a trial as the work of a live process at `place` (host and project)."""
    trial.set_user_attr(OWNER, f"{place}#{trial.number}")


def owned(trial: FrozenTrial, place: str) -> bool:
    """Whether a process at `place` has claimed the trial."""
    return bool(trial.user_attrs.get(OWNER) == f"{place}#{trial.number}")


def reap(study: optuna.Study, place: str, alive: Callable[[int], bool]) -> list[int]:
    """Fail trials of this place whose process is gone, and queue each of them again; returns their numbers.

    alive: whether the process of trial n lives. Trials of other machines are left to their heartbeats.
    """
    orphans = []
    for trial in in_state(study, RUNNING):
        if owned(trial, place) and not alive(trial.number):
            study.tell(trial.number, state=TrialState.FAIL)
            # A copy: the callback extends the trial's history in place.
            RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)(study, study.get_trials(deepcopy=True)[trial.number])
            orphans.append(trial.number)
    optuna.storages.fail_stale_trials(study)
    return orphans


def retry_of(trial: FrozenTrial) -> int | None:
    """The trial that this one repeats, if its worker died."""
    return RetryHeartbeatStaleTrialCallback.retried_trial_number(trial)


def front(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that no other beats in every objective; one trial, or several equal ones, with one objective."""
    return list(study.best_trials)


def table(study: optuna.Study) -> list[Mapping[str, Any]]:
    """A row for every trial: number, state, objectives, parameters, seconds, and which trial it repeats."""
    goals = [goal.split(":")[0] for goal in study.user_attrs["objectives"]]
    return [
        {
            "trial": trial.number,
            "state": trial.state.name,
            **dict(zip(goals, trial.values or [""] * len(goals), strict=True)),
            "seconds": round(trial.duration.total_seconds(), 1) if trial.duration else "",
            "retry_of": "" if retry_of(trial) is None else retry_of(trial),
            "reports": len(trial.intermediate_values),
            "present": "yes" if PRESENT in trial.user_attrs else "",
            **trial.params,
            **{
                name: round(sum(own.values()) / len(own), 6)
                for name, own in trial.user_attrs.get(CASES, {}).items()
                if own
            },
        }
        for trial in study.get_trials(deepcopy=False)
    ]
