"""Triangle patterns: each covers its loop, band or grid once."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.motion.triangles import fan, grid, nested_loops


def areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.abs((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])) / 2


def loop(count: int, radius: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


@pytest.mark.parametrize("count", [3, 16])
def test_a_fan_fills_its_loop(count: int) -> None:
    points = np.concatenate([loop(count, 2.0), np.zeros((1, 2))])
    triangles = fan(count)
    assert len(triangles) == count
    assert areas(points, triangles).sum() == pytest.approx(0.5 * count * 4 * np.sin(2 * np.pi / count))


def test_nested_loops_fill_the_bands_between_them() -> None:
    points = np.concatenate([loop(12, radius) for radius in (1.0, 2.0, 4.0)])
    triangles = nested_loops(12, 3)
    assert len(triangles) == 2 * 2 * 12
    assert areas(points, triangles).sum() == pytest.approx(0.5 * 12 * np.sin(2 * np.pi / 12) * (16 - 1))
    assert areas(points, triangles).min() > 0


def test_a_grid_covers_its_rectangle() -> None:
    points = np.stack(np.meshgrid(np.arange(5.0), np.arange(4.0)), -1).reshape(-1, 2)
    triangles = grid(4, 5)
    assert areas(points, triangles).tolist() == [0.5] * (2 * 3 * 4)
    assert triangles.dtype == np.int32
