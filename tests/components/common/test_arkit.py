"""The coefficient convention: order, rotation signs, gaze."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.arkit import (
    ARKIT_NAMES,
    COEFFICIENT_NAMES,
    GAZE_RANGE,
    INDEX,
    POSE,
    WEIGHTS,
    angles,
    gaze_to_weights,
    rotation,
    sided,
    weights_to_gaze,
)


def test_fifty_two_distinct_names() -> None:
    assert len(set(ARKIT_NAMES)) == WEIGHTS == 52
    assert len(COEFFICIENT_NAMES) == 58


def test_sides() -> None:
    assert sided("eyeBlink") == (0, 7)


@given(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2), st.floats(-1.2, 1.2))
def test_angles_invert_rotation(yaw: float, pitch: float, roll: float) -> None:
    assert angles(rotation(yaw, pitch, roll)) == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_signs_of_the_pose() -> None:
    nose = np.array([0.0, 0.0, 1.0])
    assert (rotation(0.3, 0, 0) @ nose)[0] > 0  # to image right
    assert (rotation(0, 0.3, 0) @ nose)[1] < 0  # down
    assert (rotation(0, 0, 0.3) @ np.array([1.0, 0, 0]))[1] > 0  # image right side goes up


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_gaze_round_trip(x: float, y: float) -> None:
    weights = np.zeros(WEIGHTS)
    gaze_to_weights(np.array([x, y]), weights)
    assert weights_to_gaze(weights) == pytest.approx([x, y], abs=1e-9)
    assert weights.min() >= 0
    assert weights.max() <= 1


def test_each_eye_has_its_own_outward_weight() -> None:
    weights = np.zeros(WEIGHTS)
    gaze_to_weights(np.array([GAZE_RANGE, 0.0]), weights)  # to image right
    looking = {ARKIT_NAMES[index] for index in np.flatnonzero(weights)}
    assert looking == {"eyeLookOutLeft", "eyeLookInRight"}
    gaze_to_weights(np.array([[0.0, -3.0]]), weights[None])  # down, further than eyes go
    assert {ARKIT_NAMES[index]: weights[index] for index in np.flatnonzero(weights)} == {
        "eyeLookDownLeft": 1.0,
        "eyeLookDownRight": 1.0,
    }


def test_pose_follows_the_weights() -> None:
    assert COEFFICIENT_NAMES[POSE] == ("yaw", "pitch", "roll", "tx", "ty", "scale")
    assert [COEFFICIENT_NAMES[INDEX[name]] for name in COEFFICIENT_NAMES] == list(COEFFICIENT_NAMES)
