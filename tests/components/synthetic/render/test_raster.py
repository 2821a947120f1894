"""The rasterizer against slow and plain versions of itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.synthetic.head.parts import sphere
from components.synthetic.render.raster import rasterize, resolve, tone_curve, vertex_normals

SIDE = 24


def drawn(
    screen: NDArray[np.floating], triangles: list[tuple[int, int, int]], one_sided: bool = False
) -> tuple[NDArray[np.floating], ...]:
    """depth, ids, barycentrics of a SIDE x SIDE picture."""
    depth, ids = np.zeros((SIDE, SIDE), np.float32), np.full((SIDE, SIDE), -1, np.int32)
    barycentrics = np.zeros((SIDE, SIDE, 2), np.float32)
    sides = np.full(len(triangles), one_sided, np.uint8)
    rasterize(screen.astype(np.float32), np.array(triangles, np.int32), sides, depth, ids, barycentrics)
    return depth, ids, barycentrics


def test_normals_of_a_ball_point_away_from_its_center() -> None:
    points, triangles = sphere((1, 2, 3), (2, 2, 2), 32, 24)
    normals = np.empty((len(points), 3), np.float32)
    vertex_normals(points.astype(np.float32), triangles[:, ::-1].copy(), normals)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-4)
    cosines = (normals * (points - [1, 2, 3]) / 2).sum(1)
    assert np.abs(cosines)[32:-32].min() > 0.99  # but for the poles, where rings shrink to a point
    assert np.ptp(np.sign(cosines)[32:-32]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_pixels_inside_a_triangle_and_no_others_are_filled(seed: int) -> None:
    corners = np.random.default_rng(seed).uniform(-4, SIDE + 4, (3, 2))
    screen = np.column_stack([corners, np.full(3, 0.1)])
    _, ids, barycentrics = drawn(screen, [(0, 1, 2)])
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    homogeneous = np.stack([x, y, np.ones_like(x)], -1)
    weights = homogeneous @ np.linalg.inv(np.column_stack([corners, np.ones(3)]))  # (SIDE, SIDE, 3)
    sure = np.abs(weights).min(-1) > 1e-4  # not on an edge, where rounding decides
    inside = (weights > 0).all(-1)
    np.testing.assert_array_equal((ids == 0)[sure], inside[sure])
    np.testing.assert_allclose(barycentrics[inside & sure], weights[inside & sure][:, :2], atol=1e-3)


def test_the_nearest_surface_wins_in_any_order() -> None:
    square = np.array([[2, 2], [22, 2], [22, 22], [2, 22]])
    near, far = (np.column_stack([square, np.full(4, nearness)]) for nearness in (0.2, 0.1))
    for first, second, winners in ((near, far, {0, 1}), (far, near, {2, 3})):
        depth, ids, _ = drawn(np.concatenate([first, second]), [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)])
        assert set(np.unique(ids[4:20, 4:20])) == winners
        np.testing.assert_allclose(depth[4:20, 4:20], 0.2, rtol=1e-5)


def test_one_sided_triangles_are_seen_from_the_front_only() -> None:
    screen = np.array([[2, 2, 0.1], [22, 2, 0.1], [2, 22, 0.1]])
    covered = [int((drawn(screen, [order], True)[1] >= 0).sum()) for order in ((0, 1, 2), (0, 2, 1))]
    assert min(covered) == 0
    assert max(covered) > 150
    assert (drawn(screen, [(0, 0, 1)])[1] == -1).all()  # without area


def test_barycentrics_are_those_of_the_tilted_triangle_not_of_its_picture() -> None:
    # An edge from nearness 0.1 to 0.3: the middle of the picture's edge is a quarter of the way along the true one.
    screen = np.array([[0.5, 0, 0.1], [SIDE - 0.5, 0, 0.3], [SIDE / 2, 2 * SIDE, 0.2]])
    _, _, barycentrics = drawn(screen, [(0, 1, 2)])
    first, second = barycentrics[0, SIDE // 2]
    assert first / (first + second) == pytest.approx(0.25, abs=0.02)


def test_samples_are_averaged_before_the_tone_curve() -> None:
    curve = tone_curve()
    assert (np.diff(curve.astype(int)) >= 0).all()
    assert (curve[0], curve[-1]) == (0, pytest.approx(254, abs=2))
    radiance = np.zeros((4, 4, 3), np.float32)
    radiance[:2, :2, 0] = [[0, 1], [1, 0]]
    radiance[2:, 2:, 1] = 50  # a highlight counts no more than 3
    out = np.empty((2, 2, 3), np.uint8)
    resolve(radiance, 2, curve, out)
    entries = (len(curve) - 1) / 4
    assert out[0, 0].tolist() == [curve[int(0.5 * entries)], 0, 0]
    assert out[1, 1].tolist() == [0, curve[int(3 * entries)], 0]
