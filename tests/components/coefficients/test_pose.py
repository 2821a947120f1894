from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.coefficients.pose import place_head, roll_of
from components.common.arkit import COEFFICIENTS, INDEX, rotation
from components.face.mesh import LEFT_EYE, RIGHT_EYE

angles = st.floats(-0.5, 0.5)


@settings(max_examples=40, deadline=None)
@given(angles, angles, angles)
def test_roll_and_scale_come_back_from_the_eye_axis(yaw: float, pitch: float, roll: float) -> None:
    axis = rotation(yaw, pitch, roll)[:, 0]  # where the head's left-right axis points; y up
    angle = np.array([np.arctan2(axis[1], axis[0])])
    assert np.allclose(roll_of(angle, np.array([yaw]), np.array([pitch])), roll, atol=1e-9)
    side, scale, middle = 200.0, 0.3, np.array([110.0, 90.0])
    landmarks = np.zeros((1, 478, 3))
    half = axis[:2] * [1, -1] * scale * side / 2
    landmarks[0, LEFT_EYE.outer, :2], landmarks[0, RIGHT_EYE.outer, :2] = middle + half, middle - half
    rows = np.zeros((1, COEFFICIENTS))
    rows[0, [INDEX["yaw"], INDEX["pitch"], INDEX["roll"]]] = yaw, pitch, roll
    assert place_head(landmarks, rows, side)[0] == pytest.approx([0.05, -0.05, scale])
