"""May the challenger replace the champion? A pure decision on two evaluations of one frozen set of cases.

Two kinds of rules. An *aim* is a primary metric, one for each trained model and one for the whole: the challenger must
reach at least one of them, which means that it gains the margin on average and that the gain is more than noise. A
*guard* is a metric that must not get worse. Gains are taken case by case (the same clip, sentence or pair), with
bootstrap intervals, so that the difference between easy and hard cases does not blur them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.metrics.registry import METRICS
from evaluation.summary.confidence import LEVEL, Interval, paired_difference
from evaluation.summary.results import Results

RESAMPLES = 2000
LEAST_CASES = 8  # on fewer, an interval says nothing: no aim is reached and no guard is broken by them


@dataclass(frozen=True)
class Rule:
    """What is asked of one metric; the registry says which direction is better.

    margin: of an aim, the least mean gain; of a guard, the most that may be lost; in the metric's unit.
    bound: a value that must be reached whoever is champion (None: no such bound).
    """

    metric: str
    margin: float = 0.0
    aim: bool = False
    bound: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of one rule. gain: of the challenger over the champion, better is positive; None without cases."""

    metric: str
    state: str  # "reached", "not reached" (aims); "held", "broken" (guards and bounds); "not compared"
    reason: str
    challenger: float | None = None
    champion: float | None = None
    gain: Interval | None = None


@dataclass(frozen=True)
class Decision:
    """outcome: "first" and "promoted" move the alias, "kept" does not. summary: one line for people."""

    outcome: str
    summary: str
    verdicts: tuple[Verdict, ...]

    @property
    def promote(self) -> bool:
        return self.outcome != "kept"

    def as_json(self) -> dict[str, Any]:
        """For the decision's artifact."""
        return asdict(self)


RULES: tuple[Rule, ...] = (
    Rule("talker/lip_correlation", margin=0.005, aim=True),
    Rule("style_e/lip_gap_correlation", margin=0.005, aim=True),
    Rule("style_e/emotion_accuracy_unseen_wording", margin=0.02, aim=True),
    Rule("style_a/pair_psnr_gain_over_no_motion", margin=0.05, aim=True),
    Rule("talker/lip_correlation", margin=0.02, bound=0.5),
    Rule("talker/face_found_rate", margin=0.02, bound=0.9),
    Rule("talker/styled_face_found_rate", margin=0.1),
    Rule("style_e/jaw_open_correlation", margin=0.03),
    Rule("style_e/lip_gap_correlation", margin=0.03),
    Rule("style_e/emotion_accuracy", margin=0.05),
    Rule("style_a/psnr_gain_over_no_motion", margin=0.3),
    Rule("style_a/pair_psnr_gain_over_no_motion", margin=0.2),
    Rule("style_a/lip_aperture_correlation", margin=0.03),
    Rule("style_a/identity_similarity", margin=0.05),
    Rule("art/style_accuracy", margin=0.1),
)


def decide(challenger: Results, champion: Results | None, rules: Sequence[Rule] = RULES, seed: int = 0) -> Decision:
    """Promote when at least one aim is reached and no guard is broken; without a champion the bounds alone count.

    Several aims are several chances to be lucky, so the interval of each is the wider for it (Bonferroni).
    Raises `ValueError` when the two were measured on different sets: such figures do not compare.
    """
    if champion is not None and champion.frozen != challenger.frozen:
        raise ValueError(f"evaluation sets differ: {challenger.frozen} and {champion.frozen}")
    aims = sum(rule.aim for rule in rules)
    verdicts = tuple(
        _aim(rule, challenger, champion, 1 - (1 - LEVEL) / aims, seed)
        if rule.aim
        else _guard(rule, challenger, champion, seed)
        for rule in rules
    )
    broken = [verdict for verdict in verdicts if verdict.state == "broken"]
    reached = [verdict for verdict in verdicts if verdict.state == "reached"]
    if broken:
        return Decision("kept", "; ".join(verdict.reason for verdict in broken), verdicts)
    if champion is None:
        return Decision("first", "no champion to compare with, and every bound is met", verdicts)
    if not reached:
        return Decision("kept", "no primary metric is better by its margin and beyond the noise", verdicts)
    return Decision("promoted", "; ".join(verdict.reason for verdict in reached), verdicts)


def _mean(results: Results | None, metric: str) -> float | None:
    value = results.summary.get(metric) if results else None
    return value.mean if value else None


def _gain(metric: str, new: Results, old: Results, level: float, seed: int) -> Interval | None:
    """Interval of the paired gain over the cases that both have; better is positive."""
    mine, theirs = new.cases.get(metric, {}), old.cases.get(metric, {})
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        return None
    sign = 1.0 if METRICS[metric].higher_is_better else -1.0
    pairs = ([sign * mine[case] for case in shared], [sign * theirs[case] for case in shared])
    return paired_difference(*pairs, RESAMPLES, seed, level)


def _words(rule: Rule, new: float, old: float, gain: Interval) -> str:
    span = f"gain {gain.mean:+.4g} [{gain.low:+.4g}, {gain.high:+.4g}] on {gain.count} cases"
    return f"{rule.metric} {new:.4g} against {old:.4g}, {span}"


def _aim(rule: Rule, new: Results, old: Results | None, level: float, seed: int) -> Verdict:
    mine, theirs = _mean(new, rule.metric), _mean(old, rule.metric)
    gain = _gain(rule.metric, new, old, level, seed) if old else None
    if mine is None or theirs is None or gain is None:
        return Verdict(rule.metric, "not compared", f"{rule.metric} is not measured on both", mine, theirs)
    words = _words(rule, mine, theirs, gain)
    if gain.count < LEAST_CASES:
        return Verdict(rule.metric, "not reached", f"{words}: too few to tell", mine, theirs, gain)
    reached = gain.mean >= rule.margin and gain.low > 0
    state = "reached" if reached else "not reached"
    return Verdict(rule.metric, state, f"{words}, asked {rule.margin:+.4g}", mine, theirs, gain)


def _guard(rule: Rule, new: Results, old: Results | None, seed: int) -> Verdict:
    mine, theirs = _mean(new, rule.metric), _mean(old, rule.metric)
    if mine is None:
        if theirs is None and rule.bound is None:
            return Verdict(rule.metric, "not compared", f"{rule.metric} is not measured")
        return Verdict(rule.metric, "broken", f"{rule.metric} is not measured on the challenger", None, theirs)
    sign = 1.0 if METRICS[rule.metric].higher_is_better else -1.0
    if rule.bound is not None and sign * (mine - rule.bound) < 0:
        return Verdict(
            rule.metric, "broken", f"{rule.metric} {mine:.4g} misses the bound {rule.bound:.4g}", mine, theirs
        )
    gain = _gain(rule.metric, new, old, LEVEL, seed) if old else None
    if theirs is None or gain is None:
        return Verdict(rule.metric, "held", f"{rule.metric} {mine:.4g}, nothing to compare with", mine, theirs)
    words = _words(rule, mine, theirs, gain)
    if gain.mean < -rule.margin and gain.high < 0 and gain.count >= LEAST_CASES:
        return Verdict(rule.metric, "broken", f"{words}, worse by more than {rule.margin:.4g}", mine, theirs, gain)
    noisy = gain.mean < -rule.margin
    return Verdict(rule.metric, "held", words + (", within the noise" if noisy else ""), mine, theirs, gain)


def table(decision: Decision) -> str:
    """The verdicts as a markdown table."""

    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.4g}"

    def span(gain: Interval | None) -> str:
        return "" if gain is None else f"{gain.mean:+.4g} [{gain.low:+.4g}, {gain.high:+.4g}]"

    rows = [
        f"| {v.metric} | {number(v.challenger)} | {number(v.champion)} | {span(v.gain)} | {v.state} |"
        for v in decision.verdicts
    ]
    return "\n".join(["| metric | challenger | champion | gain | verdict |", "|---|---|---|---|---|", *rows])


def distances(decision: Decision) -> Mapping[str, float]:
    """Mean gain of each compared metric, to be tracked as numbers."""
    return {verdict.metric: verdict.gain.mean for verdict in decision.verdicts if verdict.gain is not None}
