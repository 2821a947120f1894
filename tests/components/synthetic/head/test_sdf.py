"""Signed distances: exact where a formula is, and a surface that rays find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.synthetic.head.sdf import (
    capsule,
    ellipsoid,
    from_plane,
    front,
    skin,
    skull,
    smooth_max,
    smooth_min,
    to_plane,
    trace,
)

RNG = np.random.default_rng(0)
POINTS = RNG.normal(0, 5, (50, 3))
DISTANCES = st.floats(-5, 5)


@given(DISTANCES, DISTANCES, st.floats(0.1, 3))
def test_a_smooth_minimum_rounds_only_the_seam(a: float, b: float, width: float) -> None:
    first, second = np.array(a), np.array(b)
    lowest = float(smooth_min(first, second, width))
    assert min(a, b) - width / 4 - 1e-9 <= lowest <= min(a, b) + 1e-9
    if abs(a - b) >= width:
        assert lowest == pytest.approx(min(a, b))
    assert smooth_max(first, second, width) == pytest.approx(-smooth_min(-first, -second, width))


def test_a_sphere_and_a_rod_are_exact() -> None:
    center = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(ellipsoid(POINTS, center, (2, 2, 2)), np.linalg.norm(POINTS - center, axis=1) - 2)
    rod = capsule(np.array([[0.0, 3, 0], [5, 0, 0], [-2, 0, 0]]), (0, 0, 0), (4, 0, 0), 1.0, 0.5)
    np.testing.assert_allclose(rod, [2.0, 0.5, 1.0])


@given(st.floats(-2.5, 2.5), st.floats(-2.5, 2.5))
def test_the_plane_of_directions_is_its_own_inverse(u: float, v: float) -> None:
    plane = np.array([[u, v]]) * min(1.0, 3.0 / (np.hypot(u, v) + 1e-9))
    directions = from_plane(plane)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    np.testing.assert_allclose(to_plane(5 * directions), plane, atol=1e-6)


def test_rays_end_on_the_surface() -> None:
    directions = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
    for field in (skin, skull):
        points = trace(directions, field)
        assert np.abs(field(points)).max() < 2e-3
        np.testing.assert_allclose(np.cross(points, directions), 0, atol=1e-9)
    np.testing.assert_allclose(skin(POINTS), skin(POINTS * [-1, 1, 1]))  # symmetric


def test_front_finds_the_depth_of_the_face() -> None:
    xy = np.array([[0.0, -2.9], [3.0, -3.0], [0.0, -9.0]])  # tip of the nose, cheek, chin
    points = front(xy)
    np.testing.assert_allclose(points[:, :2], xy, atol=0.02)
    assert np.abs(skin(points)).max() < 5e-3
    assert points[0, 2] > points[1:, 2].max() + 2
