"""The table of landmarks: sides mirror each other, loops and rows lie where their names say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from components.common.arkit import LANDMARKS
from components.face import mesh
from components.face.landmarker import FaceLandmarker
from components.face.mesh import LEFT_EYE, MESH_MIRROR, MESH_POINTS, MIRROR, RIGHT_EYE, Indices

MIRRORED_ROWS = (*mesh.UPPER_LIP_ROWS, mesh.INNER_UPPER_LIP, *mesh.LOWER_LIP_ROWS, mesh.INNER_LOWER_LIP)


def mirrored(points: Indices) -> Indices:
    return tuple(MIRROR[point] for point in points)


def area(points: NDArray[np.floating]) -> float:
    """Of a closed loop (N, 2); positive where it runs clockwise as seen (y down)."""
    x, y = points.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@pytest.fixture(scope="module")
def points(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(478, 2) landmarks of a rendered face, y down."""
    found = FaceLandmarker().detect(face)
    assert found is not None
    return found.points[:, :2]


def test_mirror_tables_are_their_own_inverse() -> None:
    order, everything = np.array(MESH_MIRROR), np.array(MIRROR)
    assert (order[order] == np.arange(MESH_POINTS)).all()
    assert (everything[everything] == np.arange(LANDMARKS)).all()
    assert (order == np.arange(MESH_POINTS)).sum() == 28  # the midline
    assert everything[RIGHT_EYE.iris].tolist() == list(range(LANDMARKS))[LEFT_EYE.iris]


def test_left_mirrors_right() -> None:
    assert mirrored(RIGHT_EYE.upper_lid) == LEFT_EYE.upper_lid
    assert mirrored(RIGHT_EYE.lower_lid) == LEFT_EYE.lower_lid
    for row in MIRRORED_ROWS:
        assert mirrored(row) == row[::-1]
    assert mirrored(mesh.FACE_OVAL) == (mesh.FACE_OVAL[0], *mesh.FACE_OVAL[:0:-1])
    assert mirrored(mesh.BROWS) == mesh.BROWS[5:] + mesh.BROWS[:5]
    assert set(mirrored(mesh.CHEEKS)) == set(mesh.CHEEKS)
    assert set(mirrored(mesh.MOUTH_REGION)) == set(mesh.MOUTH_REGION)
    assert mirrored((mesh.FACE_TOP, mesh.CHIN, mesh.NOSE_TIP, mesh.NOSE_BASE)) == (10, 152, 1, 2)
    assert mirrored(mesh.FACE_SIDES) == mesh.FACE_SIDES[::-1]


def test_lists_name_each_point_once() -> None:
    lists = (mesh.MOUTH_OPENING, RIGHT_EYE.opening, LEFT_EYE.opening, mesh.FACE_OVAL, mesh.STABLE, mesh.MOUTH_REGION)
    assert [len(points) for points in lists] == [20, 16, 16, 36, 35, 117]
    for indices in lists:
        assert len(set(indices)) == len(indices)
        assert 0 <= min(indices) <= max(indices) < MESH_POINTS
    for eye in mesh.EYES:
        assert sorted(eye.contour) == sorted(eye.opening)
        assert eye.contour[: len(eye.lower_lid)] == eye.lower_lid
        assert (eye.upper_lid[0], eye.upper_lid[-1]) == (eye.lower_lid[0], eye.lower_lid[-1])


def test_loops_surround_what_they_name(points: NDArray[np.float32]) -> None:
    whole = area(points[list(mesh.FACE_OVAL)])
    for eye in mesh.EYES:
        opening = points[list(eye.opening)]
        assert 0.002 < abs(area(opening)) / whole < 0.05
        assert Outline(opening).contains_point(points[eye.iris][0])
    shares = [
        area(points[list(mesh.closed_loop(*rows))])
        for rows in zip(mesh.UPPER_LIP_ROWS, mesh.LOWER_LIP_ROWS, strict=True)
    ]
    assert all(outer > inner > 0 for outer, inner in pairwise(shares))
    inside = Outline(points[list(mesh.FACE_OVAL)])
    assert inside.contains_points(points[[*mesh.BROWS, *mesh.CHEEKS, *mesh.MOUTH_REGION, mesh.NOSE_TIP]]).all()


def test_rows_run_as_their_comments_say(points: NDArray[np.float32]) -> None:
    for row in MIRRORED_ROWS:
        assert (np.diff(points[list(row), 0]) > 0).all()  # image left to right
    lip = np.stack([points[list(row), 1] for row in (*mesh.UPPER_LIP_ROWS, mesh.INNER_UPPER_LIP)])
    assert (np.diff(lip[:, 3:-3], axis=0) > 0).all()  # from the outer border inwards is downwards
    for eye, sign in ((RIGHT_EYE, 1), (LEFT_EYE, -1)):
        assert (sign * np.diff(points[list(eye.upper_lid), 0]) > 0).all()  # outer to inner corner
        assert (points[list(eye.upper_lid[1:-1]), 1] < points[list(eye.lower_lid[1:-1]), 1]).all()
    assert (np.diff(points[list(mesh.EYE_CORNERS), 0]) > 0).all()
    assert points[:MESH_POINTS, 1].argmax() == mesh.CHIN
    oval = points[list(mesh.FACE_OVAL)]
    assert oval[:, 1].min() == points[mesh.FACE_TOP, 1]
    assert oval[:, 0].argmin() in {mesh.FACE_OVAL.index(mesh.FACE_SIDES[0]) + step for step in (-1, 0, 1)}
    assert points[mesh.UPPER_LIP_MIDDLE, 0] == pytest.approx(points[mesh.NOSE_BASE, 0], abs=3)
    assert points[mesh.NOSE_TIP, 1] < points[mesh.NOSE_BASE, 1] < points[mesh.UPPER_LIP_MIDDLE, 1]
