"""May the challenger replace the champion? A pure decision on two evaluations of one frozen set of clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.confidence import Interval
from evaluation.registry import METRICS


@dataclass(frozen=True)
class Rule:
    """What is asked of one metric.

    metric: a name of the registry, which also says which direction is better.
    gain: least improvement over the champion, in the metric's unit. Negative: a guard, the most that may be lost.
    bound: a value that must be reached whoever is champion (None: no such bound).
    """

    metric: str
    gain: float = 0.0
    bound: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether to promote, and why: a sentence per rule, in the rules' order."""

    promote: bool
    reasons: tuple[str, ...]


RULES: tuple[Rule, ...] = (
    Rule("talker/lip_correlation", gain=0.0, bound=0.6),
    Rule("talker/face_found_rate", gain=-0.02, bound=0.9),
    Rule("style_e/jaw_open_correlation", gain=-0.03),
    Rule("style_e/emotion_accuracy", gain=-0.05),
    Rule("style_a/psnr_gain_over_no_motion", gain=-0.3),
    Rule("style_a/lip_aperture_correlation", gain=-0.03),
    Rule("art/style_accuracy", gain=-0.1),
)


def decide(
    challenger: Mapping[str, Interval],
    champion: Mapping[str, Interval] | None,
    rules: Sequence[Rule] = RULES,
) -> Decision:
    """Every rule must hold. Noise alone never promotes and never blocks: a loss counts only beyond both intervals.

    A rule with a positive gain must be met by the means. A guard (gain <= 0) is broken when the mean loses more than
    allowed **and** the intervals do not overlap. Without a champion only the bounds count. A metric that the
    challenger lacks breaks its rule if the champion has it; if neither has it, the rule is passed over.
    """
    checks = [_check(rule, challenger.get(rule.metric), (champion or {}).get(rule.metric)) for rule in rules]
    return Decision(all(ok for ok, _ in checks), tuple(reason for _, reason in checks))


def _check(rule: Rule, new: Interval | None, old: Interval | None) -> tuple[bool, str]:
    metric = METRICS[rule.metric]
    sign = 1.0 if metric.higher_is_better else -1.0
    if new is None:
        return (old is None), f"{rule.metric}: " + ("not measured" if old is None else "only the champion has it")
    if rule.bound is not None and sign * (new.mean - rule.bound) < 0:
        return False, f"{rule.metric}: {new.mean:.3f} misses the bound {rule.bound:.3f}"
    if old is None:
        return True, f"{rule.metric}: {new.mean:.3f}, no champion to compare with"
    gain = sign * (new.mean - old.mean)
    overlap = new.low <= old.high and old.low <= new.high
    words = f"{rule.metric}: {new.mean:.3f} against {old.mean:.3f}"
    if rule.gain > 0:
        return gain >= rule.gain, f"{words}, must be better by {rule.gain:.3f}"
    if gain < rule.gain and not overlap:
        return False, f"{words}, worse by more than {-rule.gain:.3f}"
    return True, words + (", within the noise" if gain < rule.gain else ", held")
