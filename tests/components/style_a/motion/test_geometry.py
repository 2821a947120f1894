"""The face in three dimensions: limits of motion, rigid motion, a fit that gives the portrait's own points back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.arkit import INDEX, rotation
from components.style_a.motion.geometry import RigidMotion, fit_face, move_face, rigid_motion, soft_limit
from components.style_a.motion.prior import FittedPortrait


@given(st.floats(-10, 10), st.floats(0.05, 2))
def test_soft_limits_hold_and_keep_the_order(value: float, limit: float) -> None:
    bounded = soft_limit(value, limit)
    assert abs(bounded) <= limit
    assert np.sign(bounded) == np.sign(value)
    assert soft_limit(value + 0.01, limit) >= bounded
    if abs(value) <= 0.7 * limit:
        assert bounded == value


def test_a_rigid_motion_turns_about_its_center() -> None:
    motion = RigidMotion(rotation(0, 0, np.pi / 2), np.array([1.0, 1, 0]), 2.0, np.array([0.0, 0, 5]))
    np.testing.assert_allclose(motion(np.array([1.0, 1, 0])), [1, 1, 5])
    moved = motion(np.array([[2.0, 1, 0]]))[0]
    assert np.linalg.norm(moved - [1, 1, 5]) == pytest.approx(2)  # the zoom
    np.testing.assert_allclose(np.abs(moved - [1, 1, 5]), [0, 2, 0], atol=1e-12)


def test_the_portraits_own_coefficients_move_nothing(fitted: FittedPortrait, portrait: Any) -> None:
    face = fitted.face
    moved = move_face(face, fitted.basis, portrait.reference)
    np.testing.assert_allclose(moved.points, face.points, atol=1e-9)
    np.testing.assert_array_equal(moved.gaze, 0)
    motion = rigid_motion(face, portrait.reference.astype(float))
    np.testing.assert_allclose(motion.rotation, np.eye(3), atol=1e-6)
    assert motion.zoom == pytest.approx(1)


def test_the_fit_keeps_the_landmarks_of_the_picture_plane(fitted: FittedPortrait, portrait: Any) -> None:
    fresh = fit_face(fitted.basis, portrait.face.points, portrait.reference)
    difference = np.abs(fresh.points[:, :2] * [1, -1] - portrait.face.points[:468, :2])
    assert np.median(difference) == 0  # only the lids are widened
    assert difference.max() < 0.1 * fresh.scale
    width = np.linalg.norm(portrait.face.points[33, :2] - portrait.face.points[263, :2])
    assert fresh.side == pytest.approx(width / portrait.reference[INDEX["scale"]], rel=0.1)
    np.testing.assert_allclose(fresh.rotation @ fresh.rotation.T, np.eye(3), atol=1e-9)


def test_centimeters_become_pixels_and_a_person_has_own_expressions(fitted: FittedPortrait) -> None:
    face = fitted.face
    step = np.array([[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(face.place(step) - face.place(0 * step), face.turn(step))
    assert np.linalg.norm(face.turn(step)) == pytest.approx(face.scale)
    up = np.tile(step, (468, 1))
    np.testing.assert_allclose(face.express(up), face.turn(up) * face.gain, atol=1e-9)
    assert face.gain.min() >= 0.4
    assert face.gain.max() <= 1.25
