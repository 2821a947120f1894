"""Intervals cover the truth about as often as they say, and treat undefined values as absent."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.summary.confidence import interval, paired_difference


def test_coverage() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(200):
        found = interval(rng.normal(3.0, 1.0, 40), 300, seed=trial)
        assert found is not None
        hits += found.low <= 3.0 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_undefined_values_do_not_count() -> None:
    found = interval([1.0, float("nan"), 3.0], 50)
    assert found is not None
    assert (found.mean, found.count) == (2.0, 2)
    assert interval([float("nan")], 50) is None
    assert interval([], 50) is None


def test_same_seed_same_interval() -> None:
    values = list(np.random.default_rng(1).normal(size=9))
    assert interval(values, 200, 3) == interval(values, 200, 3)


def test_pairs_are_narrower() -> None:
    rng = np.random.default_rng(2)
    clips = rng.normal(0, 5, 30)
    difference = paired_difference(list(clips + 1 + rng.normal(0, 0.1, 30)), list(clips), 300)
    assert difference is not None
    assert 0.9 < difference.low < difference.high < 1.1
    with pytest.raises(ValueError, match="same clips"):
        paired_difference([1.0], [1.0, 2.0], 10)
