"""Filling triangles: interpolated values, painter's order, nothing outside the grid."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from components.style_a.motion.rasterizer import fill


def test_fill_interpolates_and_later_triangles_win() -> None:
    points = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])
    out, classes = np.zeros((8, 8, 2)), np.zeros((8, 8), np.int32)
    fill(points, points, np.array([[0, 1, 2], [1, 3, 2]], np.int32), out, classes, 1)
    expected = np.stack(np.meshgrid(np.arange(8) + 0.5, np.arange(8) + 0.5), -1)
    assert np.allclose(out, expected)
    assert classes.all()
    fill(points, points * 0, np.array([[0, 1, 2]], np.int32), out, classes, 2)
    assert classes[0, 0] == 2
    assert classes[7, 7] == 1


@given(st.lists(st.floats(-1e4, 1e4), min_size=6, max_size=6))
@settings(max_examples=30, deadline=None)
def test_fill_stays_inside_the_grid(values: list[float]) -> None:
    out, classes = np.zeros((5, 7, 1)), np.zeros((5, 7), np.int32)
    fill(np.array(values).reshape(3, 2), np.ones((3, 1)), np.array([[0, 1, 2]], np.int32), out, classes, 1)
    assert ((out[..., 0] == 0) | np.isclose(out[..., 0], 1, atol=1e-3)).all()
