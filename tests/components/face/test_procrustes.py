"""Similarities: known ones come back, and three other implementations agree."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from components.face.procrustes import Similarity, fit_plane_similarity, fit_similarity

SEEDS = st.integers(0, 10_000)


def cloud(seed: int, count: int = 12) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(count, 3))


def as_complex(points: NDArray[np.floating]) -> NDArray[np.complex128]:
    """(..., N, 2+) centered, as x + iy."""
    flat = points[..., 0] + 1j * points[..., 1]
    return flat - flat.mean(-1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.1, 10), st.floats(-5, 5))
def test_a_known_similarity_comes_back(seed: int, scale: float, shift: float) -> None:
    turn = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    source = cloud(seed)
    true = Similarity(scale, turn, np.array([shift, -shift, 1.0]))
    fit = fit_similarity(source, true(source))
    assert fit.scale == pytest.approx(scale)
    np.testing.assert_allclose(fit.rotation, turn, atol=1e-7)
    np.testing.assert_allclose(fit(source), true(source), atol=1e-7 * scale)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_noisy_points_give_the_rotation_of_scipy(seed: int) -> None:
    source, target = cloud(seed), cloud(seed) + 0.3 * cloud(seed + 1)
    fit = fit_similarity(source, target)
    kabsch, _ = Rotation.align_vectors(target - target.mean(0), source - source.mean(0))
    np.testing.assert_allclose(fit.rotation, kabsch.as_matrix(), atol=1e-6)
    # No scale and no translation nearby do better.
    best = ((fit(source) - target) ** 2).sum()
    for step in (-1e-3, 1e-3):
        assert ((Similarity(fit.scale + step, fit.rotation, fit.translation)(source) - target) ** 2).sum() >= best
        assert ((Similarity(fit.scale, fit.rotation, fit.translation + step)(source) - target) ** 2).sum() >= best


def test_a_mirror_image_is_turned_not_mirrored() -> None:
    source = cloud(0)
    assert np.linalg.det(fit_similarity(source, source * [-1, 1, 1]).rotation) == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.1, 10), st.floats(-3, 3))
def test_plane_similarities_are_complex_factors(seed: int, scale: float, angle: float) -> None:
    target = as_complex(cloud(seed))
    sources = np.stack([target, target / (scale * np.exp(1j * angle))])
    np.testing.assert_allclose(fit_plane_similarity(sources, target), [1, scale * np.exp(1j * angle)], rtol=1e-9)
    nothing = fit_plane_similarity(np.zeros((1, len(target)), complex), target)
    assert np.isfinite(nothing).all()


def test_plane_and_space_agree_on_flat_points() -> None:
    source, target = cloud(0) * [1, 1, 0], (cloud(0) @ Rotation.from_rotvec([0, 0, 0.4]).as_matrix().T) * [3, 3, 0]
    fit = fit_similarity(source, target)
    [factor] = fit_plane_similarity(as_complex(source)[None], as_complex(target))
    assert abs(factor) == pytest.approx(fit.scale)
    assert np.angle(factor) == pytest.approx(np.arctan2(fit.rotation[1, 0], fit.rotation[0, 0]))
    matrix, _ = cv2.estimateAffinePartial2D(source[:, :2].copy(), target[:, :2].copy())
    assert complex(matrix[0, 0], matrix[1, 0]) == pytest.approx(complex(factor), rel=1e-5)
