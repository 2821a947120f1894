"""The gate: worse, equal and better challengers, bounds, guards, noise, missing metrics, and sets that differ."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.gate import LEAST_CASES, RULES, Rule, decide, table
from evaluation.metrics.registry import METRICS
from evaluation.summary.confidence import Interval, interval
from evaluation.summary.results import Results

AIM = "talker/lip_correlation"
GUARD = "style_a/psnr"
LOWER_IS_BETTER = "style_a/face_landmark_distance"
RULES_HERE = (Rule(AIM, margin=0.01, aim=True), Rule(GUARD, margin=0.5), Rule(AIM, margin=0.02, bound=0.5))
SPREAD = np.linspace(-0.1, 0.1, 20)  # cases differ far more than models do


def results(frozen: str = "set", **metrics: Sequence[float]) -> Results:
    """An evaluation from values by case; `__` in a name stands for `/`."""
    values = {name.replace("__", "/"): list(numbers) for name, numbers in metrics.items()}
    summary: dict[str, Interval] = {}
    for name, numbers in values.items():
        found = interval(numbers, 200)
        assert found is not None
        summary[name] = found
    cases = {name: {f"case {i}": float(v) for i, v in enumerate(numbers)} for name, numbers in values.items()}
    return Results(summary, cases=cases, frozen=frozen)


CHAMPION = results(talker__lip_correlation=0.8 + SPREAD, style_a__psnr=26 + SPREAD)


def test_rules_name_registered_metrics_with_a_direction() -> None:
    assert {rule.metric for rule in RULES} <= set(METRICS)
    assert all(METRICS[rule.metric].higher_is_better is not None for rule in RULES)
    assert any(rule.aim for rule in RULES)


def test_a_better_model_is_promoted() -> None:
    better = results(talker__lip_correlation=0.83 + SPREAD, style_a__psnr=26 + SPREAD)
    decision = decide(better, CHAMPION, RULES_HERE)
    assert (decision.outcome, decision.promote) == ("promoted", True)
    assert "+0.03" in decision.summary  # a paired gain: the spread over cases is ten times as large
    assert "| talker/lip_correlation | 0.83 | 0.8 |" in table(decision)


def test_an_equal_model_is_kept() -> None:
    decision = decide(CHAMPION, CHAMPION, RULES_HERE)
    assert (decision.outcome, decision.promote) == ("kept", False)
    assert "no primary metric" in decision.summary


def test_a_worse_model_is_kept() -> None:
    worse = results(talker__lip_correlation=0.7 + SPREAD, style_a__psnr=26 + SPREAD)
    decision = decide(worse, CHAMPION, RULES_HERE)
    assert decision.outcome == "kept"
    assert "worse by more than" in decision.summary


def test_a_gain_paid_for_by_a_guard_is_kept() -> None:
    paid = results(talker__lip_correlation=0.9 + SPREAD, style_a__psnr=24 + SPREAD)
    decision = decide(paid, CHAMPION, RULES_HERE)
    assert decision.outcome == "kept"
    assert decision.summary.startswith(GUARD)


def test_noise_neither_promotes_nor_blocks() -> None:
    rng = np.random.default_rng(0)
    noisy = results(
        talker__lip_correlation=0.82 + SPREAD + rng.normal(0, 0.3, 20),
        style_a__psnr=25.2 + SPREAD + rng.normal(0, 9.0, 20),
    )
    decision = decide(noisy, CHAMPION, RULES_HERE[:2])
    assert decision.outcome == "kept"
    assert {verdict.state for verdict in decision.verdicts} == {"not reached", "held"}


def test_a_gain_below_the_margin_is_kept() -> None:
    hair = results(talker__lip_correlation=0.805 + SPREAD, style_a__psnr=26 + SPREAD)
    assert decide(hair, CHAMPION, RULES_HERE).outcome == "kept"


def test_the_first_model_needs_only_the_bounds() -> None:
    assert decide(CHAMPION, None, RULES_HERE).outcome == "first"
    poor = results(talker__lip_correlation=0.3 + SPREAD, style_a__psnr=26 + SPREAD)
    refused = decide(poor, None, RULES_HERE)
    assert refused.outcome == "kept"
    assert "misses the bound" in refused.summary


def test_few_cases_decide_nothing() -> None:
    few = SPREAD[: LEAST_CASES - 1]
    old = results(talker__lip_correlation=0.8 + few, style_a__psnr=26 + few)
    new = results(talker__lip_correlation=0.95 + few, style_a__psnr=20 + few)
    states = {verdict.state for verdict in decide(new, old, RULES_HERE[:2]).verdicts}
    assert states == {"not reached", "held"}


def test_direction_comes_from_the_registry() -> None:
    rules = (Rule(LOWER_IS_BETTER, margin=0.1, aim=True),)
    near, far = (results(style_a__face_landmark_distance=value + SPREAD) for value in (1.0, 2.0))
    assert decide(near, far, rules).promote
    assert not decide(far, near, rules).promote


def test_a_guard_that_the_challenger_lacks_is_broken() -> None:
    lacking = results(talker__lip_correlation=0.9 + SPREAD)
    decision = decide(lacking, CHAMPION, RULES_HERE)
    assert decision.outcome == "kept"
    assert "not measured on the challenger" in decision.summary
    both = (Rule(AIM, 0.01, aim=True), Rule("art/style_accuracy", 0.1))
    better = results(talker__lip_correlation=0.9 + SPREAD)
    assert decide(better, CHAMPION, both).promote  # nobody measured the art: passed over


def test_sets_that_differ_do_not_compare() -> None:
    with pytest.raises(ValueError, match="sets differ"):
        decide(results("another", talker__lip_correlation=SPREAD), CHAMPION, RULES_HERE)


def test_more_aims_ask_for_more_certainty() -> None:
    rng = np.random.default_rng(3)
    lucky = results(talker__lip_correlation=0.817 + SPREAD + rng.normal(0, 0.03, 20), style_a__psnr=26 + SPREAD)
    alone = decide(lucky, CHAMPION, (Rule(AIM, aim=True),)).verdicts[0].gain
    among = decide(lucky, CHAMPION, tuple(Rule(AIM, aim=True) for _ in range(20))).verdicts[0].gain
    assert alone is not None
    assert among is not None
    assert among.low < alone.low < alone.high < among.high


def test_a_decision_is_json() -> None:
    assert json.loads(json.dumps(decide(CHAMPION, CHAMPION).as_json()))["outcome"] == "kept"
