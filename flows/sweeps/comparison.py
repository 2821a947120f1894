"""Is a trial better than the present parameters? By its objectives, and without losing a figure beyond its noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.gate import LEAST_CASES, RESAMPLES
from evaluation.summary.confidence import LEVEL, Interval, paired_difference
from flows.sweeps import optuna_study
from flows.sweeps.space import SCORE, Figure, Space

Cases = Mapping[str, Mapping[str, float]]  # figure -> case -> value


def means(cases: Cases) -> dict[str, float]:
    """Figure -> mean over its cases."""
    return {name: float(np.mean(list(values.values()))) for name, values in cases.items() if values}


def score(cases: Cases, figures: Mapping[str, Figure]) -> float:
    """Points of all figures together. A figure that this footage cannot show is left out, for every trial alike."""
    values = means(cases)
    return sum(figure.points(values[name]) for name, figure in figures.items() if name in values)


def difference(new: Mapping[str, float], old: Mapping[str, float], sign: float) -> Interval | None:
    """Interval of the gain over the cases that both have; better is positive."""
    shared = sorted(new.keys() & old.keys())
    return paired_difference([sign * new[case] for case in shared], [sign * old[case] for case in shared], RESAMPLES)


def losses(new: Cases, old: Cases, figures: Mapping[str, Figure]) -> dict[str, float]:
    """Figure -> points lost beyond the one that may be lost, of figures that are worse for sure."""
    lost = {}
    for name, figure in figures.items():
        if name not in old:
            continue
        gain = difference(new.get(name, {}), old[name], figure.sign)
        if gain is None:
            lost[name] = 1.0  # it could be measured then, and cannot now
        elif gain.mean < -figure.point and gain.high < 0 and gain.count >= LEAST_CASES:
            lost[name] = -gain.mean / figure.point - 1
    return lost


def score_gain(new: Cases, old: Cases, figures: Mapping[str, Figure]) -> Interval:
    """Interval of the gain in points: the cases of each figure are drawn anew, as the bootstrap does."""
    generator = np.random.default_rng(0)
    total = np.zeros(RESAMPLES)
    count = 0
    for name, figure in figures.items():
        shared = sorted(new.get(name, {}).keys() & old.get(name, {}).keys())
        if not shared:
            continue
        pairs = np.array([(new[name][case], old[name][case]) for case in shared])
        draws = generator.integers(0, len(pairs), (RESAMPLES, len(pairs)))
        mean = pairs[draws].mean(axis=1)  # (RESAMPLES, 2)
        total += [figure.points(a) - figure.points(b) for a, b in mean]
        count = max(count, len(pairs))
    low, high = np.quantile(total, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(score(new, figures) - score(old, figures), float(low), float(high), count)


def compromise(trials: Sequence[Any], space: Space) -> Any:
    """The best of complete trials; with several objectives the one on their front that is closest to the best of each.

    Distances are in units of each objective's range over the front.
    """
    signs = [1 if goal.direction == "minimize" else -1 for goal in space.objectives]
    points = {trial.number: [sign * value for sign, value in zip(signs, trial.values, strict=True)] for trial in trials}
    front = [trial for trial in trials if not any(_dominates(other, points[trial.number]) for other in points.values())]
    columns = list(zip(*(points[trial.number] for trial in front), strict=True))

    def distance(trial: Any) -> float:
        squares = (
            ((value - min(column)) / ((max(column) - min(column)) or 1.0)) ** 2
            for value, column in zip(points[trial.number], columns, strict=True)
        )
        return float(sum(squares))

    return min(front, key=lambda trial: (distance(trial), trial.number))


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether a point is nowhere above another, and below it somewhere."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and list(one) != list(other)


@dataclass(frozen=True)
class Outcome:
    """What a study comes to. winner: the trial that is better than the present parameters, or None. words: one line."""

    winner: Any
    words: str
    now: Any = None  # the trial of the present parameters
    best: Any = None  # of the trials that are allowed, or of all where none is


def judge(study: Any, space: Space, present: Mapping[str, Any]) -> Outcome:
    """Compare the best of the study's other trials with the one of the present parameters."""
    complete = optuna_study.in_state(study, optuna_study.COMPLETE)
    now = optuna_study.with_values(complete, present)
    others = [trial for trial in complete if trial.params != dict(present)]
    if now is None:
        return Outcome(None, "the present parameters were not measured, so nothing can be called better than now")
    if not others:
        return Outcome(None, "nothing better than now: no other trial is complete", now, now)
    allowed = [trial for trial in others if not _lost(trial, now, space)]
    if len(space.objectives) > 1:
        allowed = [trial for trial in allowed if _no_worse(trial, now, space)]
    best = compromise(allowed or others, space)
    figures = _values(best, space)
    against = f"{figures} against {_values(now, space)}"
    if not allowed:
        reason = _lost(best, now, space)
        why = f"it loses {', '.join(sorted(reason))}" if reason else "each is worse in one of the objectives"
        return Outcome(None, f"nothing better than now: trial {best.number} has {against}, but {why}", now, best)
    if not _no_worse(best, now, space) or best.values == now.values:
        return Outcome(None, f"nothing better than now: the best other trial, {best.number}, has {against}", now, best)
    if [goal.metric for goal in space.objectives] == [SCORE]:
        gain = score_gain(_cases(best), _cases(now), space.score)
        span = f"{gain.mean:+.3g} [{gain.low:+.3g}, {gain.high:+.3g}] points"
        if gain.low <= 0:
            words = f"nothing better than now beyond the noise: trial {best.number} has {against}, {span}"
            return Outcome(None, words, now, best)
        return Outcome(best, f"better than now by {span}: trial {best.number} has {against}", now, best)
    gains = ", ".join(
        f"{abs(new - old):.3g} in {goal.metric}"
        for goal, new, old in zip(space.objectives, best.values, now.values, strict=True)
        if new != old
    )
    return Outcome(best, f"better than now by {gains}: trial {best.number} has {against}", now, best)


def figure_table(outcome: Outcome, space: Space) -> list[str]:
    """Markdown rows: each figure of the score now and in the best trial."""
    if not space.rehearsed or outcome.now is None or outcome.best is None:
        return []
    now, best = means(_cases(outcome.now)), means(_cases(outcome.best))
    rows = ["", f"| figure | now | trial {outcome.best.number} | points |", "|---|---|---|---|"]
    for name, figure in space.score.items():
        if name in now and name in best:
            gain = figure.points(best[name]) - figure.points(now[name])
            rows.append(f"| {name} | {now[name]:.4g} | {best[name]:.4g} | {gain:+.2f} |")
    return rows


def _cases(trial: Any) -> Cases:
    cases: Cases = trial.user_attrs.get(optuna_study.CASES, {})
    return cases


def _lost(trial: Any, now: Any, space: Space) -> dict[str, float]:
    return losses(_cases(trial), _cases(now), space.score) if space.rehearsed else {}


def _no_worse(trial: Any, now: Any, space: Space) -> bool:
    signs = [1.0 if goal.direction == "maximize" else -1.0 for goal in space.objectives]
    return all(sign * (new - old) >= 0 for sign, new, old in zip(signs, trial.values, now.values, strict=True))


def _values(trial: Any, space: Space) -> str:
    pairs: Sequence[tuple[Any, float]] = list(zip(space.objectives, trial.values, strict=True))
    return ", ".join(f"{goal.metric} {value:.5g}" for goal, value in pairs)
