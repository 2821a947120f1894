"""Jitter ignores steady motion, flicker counts shimmer."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics import temporal


def test_steady_motion_has_no_jitter() -> None:
    ramp = np.arange(20.0)[:, None] * np.array([[1.0, 2.0]])
    assert temporal.jitter(ramp) == pytest.approx(0.0, abs=1e-12)
    shaken = ramp + np.where(np.arange(20) % 2, 0.5, -0.5)[:, None]
    assert temporal.jitter(shaken) == pytest.approx(2.0)
    assert np.isnan(temporal.jitter(ramp[:2]))


def test_landmark_jitter_is_scale_free() -> None:
    points = np.random.default_rng(0).normal(100, 20, (10, 478, 3))
    assert temporal.landmark_jitter(points) == pytest.approx(temporal.landmark_jitter(points * 3))


def test_flicker() -> None:
    dark, light = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 10, np.uint8)
    assert temporal.flicker([dark, light, dark, light]) == pytest.approx(20.0)
    assert temporal.flicker([dark] * 4) == 0.0
    assert np.isnan(temporal.flicker([dark, light]))
    assert np.isnan(temporal.ratio(1.0, 0.0))
