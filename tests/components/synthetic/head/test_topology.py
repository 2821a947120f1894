"""The skin's mesh: one sheet with three holes, and loops that meet at their corners."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import MOUTH_HALF, SIDES
from components.synthetic.head.template import HeadTemplate


@pytest.fixture(scope="module")
def skin(template: HeadTemplate) -> NDArray[np.int32]:
    """(F, 3) triangles of the skin."""
    return template.triangles[(template.triangles < template.n_skin).all(1)]


def edges_once(triangles: NDArray[np.int32]) -> set[tuple[int, int]]:
    """Edges of one triangle only: the borders of the sheet."""
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    pairs, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    return {(int(a), int(b)) for a, b in pairs[counts == 1]}


def test_mouth_and_eyes_are_holes_of_one_sheet(template: HeadTemplate, skin: NDArray[np.int32]) -> None:
    borders, outlines = edges_once(skin), []
    for upper, lower in [("lip_upper", "lip_lower"), *((f"lid_upper_{n}", f"lid_lower_{n}") for n, _ in SIDES)]:
        loop = np.concatenate([template.loops[upper], template.loops[lower][1:-1][::-1]])
        rim = {tuple(sorted((int(a), int(b)))) for a, b in zip(loop, np.roll(loop, -1), strict=True)}
        assert rim <= borders
        outlines.append(Outline(template.plane[loop]))
    # What is in no triangle was left inside the holes.
    unused = np.setdiff1d(np.arange(template.n_skin), skin)
    assert np.any([outline.contains_points(template.plane[unused]) for outline in outlines], axis=0).all()


def test_loops_share_their_corners_and_their_columns(template: HeadTemplate) -> None:
    upper, lower = template.loops["lip_upper"], template.loops["lip_lower"]
    assert len(upper) == len(lower) == 29
    assert (upper[0], upper[-1]) == (lower[0], lower[-1])
    np.testing.assert_allclose(template.vertices[upper, 0], template.vertices[lower, 0], atol=0.02)
    assert template.vertices[upper[-1], 0] == pytest.approx(MOUTH_HALF, abs=0.05)
    for name, sign in SIDES:
        upper, lower = template.loops[f"lid_upper_{name}"], template.loops[f"lid_lower_{name}"]
        assert len(upper) == len(lower) == 21
        assert (upper[0], upper[-1]) == (lower[0], lower[-1])
        assert sign * template.vertices[upper[-1], 0] > sign * template.vertices[upper[0], 0]


def test_triangles_turn_one_way_in_the_plane_of_directions(template: HeadTemplate, skin: NDArray[np.int32]) -> None:
    a, b, c = (template.plane[skin[:, k]].astype(float) for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (area > -1e-9).all()


def test_lip_membership_lies_at_the_mouth(template: HeadTemplate) -> None:
    lips = template.lips > 0.5
    assert 100 < lips.sum() < 1000
    assert np.abs(template.vertices[lips, 0]).max() < 1.05 * MOUTH_HALF
    assert np.ptp(template.vertices[lips, 1]) < 2.5
    assert (template.lips[template.n_skin :] == 0).all()
