"""The gate: bounds, guards, noise and missing metrics."""

from __future__ import annotations

from evaluation.confidence import Interval
from evaluation.gate import RULES, Rule, decide
from evaluation.registry import METRICS

NAME = "talker/lip_correlation"
LOWER_IS_BETTER = "style_a/face_landmark_distance"


def value(mean: float, half: float = 0.01) -> Interval:
    return Interval(mean, mean - half, mean + half, 10)


def test_rules_name_registered_metrics() -> None:
    assert {rule.metric for rule in RULES} <= set(METRICS)


def test_first_model_needs_only_the_bounds() -> None:
    rule = Rule(NAME, bound=0.6)
    assert decide({NAME: value(0.7)}, None, [rule]).promote
    refused = decide({NAME: value(0.5)}, None, [rule])
    assert not refused.promote
    assert "misses the bound" in refused.reasons[0]


def test_guard_is_broken_only_beyond_the_noise() -> None:
    rule = Rule(NAME, gain=-0.05)
    assert decide({NAME: value(0.68)}, {NAME: value(0.7)}, [rule]).promote
    assert not decide({NAME: value(0.5)}, {NAME: value(0.7)}, [rule]).promote
    assert decide({NAME: value(0.5, 0.3)}, {NAME: value(0.7, 0.3)}, [rule]).promote  # worse, but within the noise


def test_asked_gain_must_be_met() -> None:
    rule = Rule(NAME, gain=0.02)
    assert not decide({NAME: value(0.71)}, {NAME: value(0.7)}, [rule]).promote
    assert decide({NAME: value(0.73)}, {NAME: value(0.7)}, [rule]).promote


def test_direction_comes_from_the_registry() -> None:
    rule = Rule(LOWER_IS_BETTER, gain=-0.5)
    assert not decide({LOWER_IS_BETTER: value(9.0)}, {LOWER_IS_BETTER: value(4.0)}, [rule]).promote
    assert decide({LOWER_IS_BETTER: value(2.0)}, {LOWER_IS_BETTER: value(4.0)}, [rule]).promote
    assert not decide({LOWER_IS_BETTER: value(9.0)}, None, [Rule(LOWER_IS_BETTER, bound=8.0)]).promote


def test_missing_metrics() -> None:
    rule = Rule(NAME)
    assert decide({}, {}, [rule]).promote
    assert not decide({}, {NAME: value(0.7)}, [rule]).promote
