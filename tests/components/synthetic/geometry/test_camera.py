"""The pinhole: what lies where in the picture, and the pose numbers that say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.synthetic.geometry.anatomy import PIVOT, outer_corners
from components.synthetic.geometry.camera import CAMERA, Camera, move_head, with_pose

STILL = np.zeros(3)


def test_the_middle_and_the_edges_of_the_view() -> None:
    x, y, nearness = CAMERA.project(np.array([0.0, CAMERA.center_y, 0.0]))
    assert (x, y, nearness) == pytest.approx((0.5, 0.5, 1 / CAMERA.distance))
    edge = CAMERA.project(np.array([CAMERA.view / 2, CAMERA.center_y + CAMERA.view / 2, 0.0]))
    assert edge[:2] == pytest.approx([1.0, 0.0])  # right and up is the top right corner


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))
def test_points_on_one_ray_are_one_pixel_and_nearer_ones_win(x: float, y: float, z: float) -> None:
    camera = Camera(center_y=0.0)
    point, eye = np.array([x, y, z]), np.array([0.0, 0.0, camera.distance])
    halfway = (point + eye) / 2
    far, near = camera.project(np.stack([point, halfway]))
    assert far[:2] == pytest.approx(near[:2])
    assert near[2] > far[2]


def test_a_head_turns_about_its_neck() -> None:
    points = PIVOT + np.array([[0, 0, 0], [0, 10, 0], [0, 0, 5]])
    np.testing.assert_allclose(move_head(points, STILL, STILL), points)
    turned = move_head(points, np.array([np.pi / 2, 0, 0]), np.array([1.0, 2.0, 3.0])) - [1, 2, 3]
    # A quarter turn of yaw: what was in front lies to image right, the axis stays.
    np.testing.assert_allclose(turned - PIVOT, [[0, 0, 0], [0, 10, 0], [5, 0, 0]], atol=1e-12)


def test_pose_numbers_are_the_eye_corners_in_the_picture() -> None:
    weights = np.full((2, WEIGHTS), 0.25)
    pose = np.array([[0, 0, 0], [0.2, -0.1, 0.05]])
    translation = np.array([[0, 0, 0], [1.0, -0.5, 2.0]])
    rows = with_pose(weights, pose, translation)
    assert rows.shape == (2, COEFFICIENTS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[:, :WEIGHTS], 0.25)
    for row, turn, shift in zip(rows, pose, translation, strict=True):
        middle = CAMERA.project(move_head(outer_corners(), turn, shift)).mean(0)
        assert row[[INDEX["tx"], INDEX["ty"]]] == pytest.approx(middle[:2] - 0.5, abs=1e-6)
        np.testing.assert_allclose(row[[INDEX["yaw"], INDEX["pitch"], INDEX["roll"]]], turn, atol=1e-6)
    seen = CAMERA.project(outer_corners())
    assert rows[0, INDEX["scale"]] == pytest.approx(np.linalg.norm(seen[0, :2] - seen[1, :2]), rel=1e-3)
    assert rows[1, INDEX["scale"]] > rows[0, INDEX["scale"]]  # nearer
    wide = with_pose(weights, pose, translation, outer_corners() * [2, 1, 1])
    assert wide[0, INDEX["scale"]] == pytest.approx(2 * rows[0, INDEX["scale"]], rel=1e-5)
