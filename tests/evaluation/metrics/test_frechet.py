"""Frechet distance of Gaussians whose distance is known."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics.frechet import frechet_distance


def test_frechet_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(40_000, 3))
    b = rng.normal(size=(40_000, 3)) * (1.0, 2.0, 1.0) + (3.0, 0.0, 0.0)
    assert frechet_distance(a, b) == pytest.approx(9 + 1, rel=0.02)  # |mean|^2 + (2 - 1)^2
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(frechet_distance(a[:1], b))


def test_fewer_clips_than_dimensions() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 4, 30))
    assert frechet_distance(a, b) > 1
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))
