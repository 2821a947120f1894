from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.coefficients.features import align, eye_shapes, feature_blocks, make_reference
from components.coefficients.pose import place_head, roll_of
from components.coefficients.rendered_faces import SeenClip
from components.common.arkit import COEFFICIENTS, INDEX, rotation
from components.face.mesh import CHIN, FACE_TOP, LEFT_EYE, RIGHT_EYE

angles = st.floats(-0.5, 0.5)


def _turned(landmarks: np.ndarray, angle: float, size: float, shift: tuple[float, float]) -> np.ndarray:
    """Landmarks after a similarity of the picture; positive angles are counter-clockwise as seen."""
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    moved = landmarks.astype(np.float64).copy()
    moved[..., 0] = cos * landmarks[..., 0] + sin * landmarks[..., 1] + shift[0]
    moved[..., 1] = -sin * landmarks[..., 0] + cos * landmarks[..., 1] + shift[1]
    moved[..., 2] *= size
    return moved


def test_features_ignore_place_size_and_roll(fitted_clips: list[SeenClip]) -> None:
    landmarks = fitted_clips[0].landmarks
    reference = make_reference(landmarks)
    moved = _turned(landmarks, 0.4, 1.7, (30.0, -12.0))
    before, after = align(landmarks, reference), align(moved, reference)
    assert np.allclose(before.points, after.points, atol=1e-6)
    assert np.allclose(after.angle - before.angle, 0.4)
    assert np.allclose(after.size / before.size, 1.7)
    assert np.allclose(eye_shapes(landmarks), eye_shapes(moved), atol=1e-5)


def test_the_reference_is_level_and_one_wide(fitted_clips: list[SeenClip]) -> None:
    reference = make_reference(fitted_clips[0].landmarks)
    axis = reference[LEFT_EYE.outer, :2] - reference[RIGHT_EYE.outer, :2]
    assert np.allclose(axis, [1, 0], atol=1e-9)
    assert reference[FACE_TOP, 1] > reference[CHIN, 1]  # forehead above chin: y is up


def test_changes_are_zero_at_the_median(fitted_clips: list[SeenClip]) -> None:
    clip = fitted_clips[0].landmarks[:3]
    blocks = feature_blocks(clip, align(clip, make_reference(clip)))
    for name in ("shape", "lips", "eyes"):
        assert np.allclose(np.median(blocks[f"{name}_change"], axis=0), 0)
        assert np.abs(blocks[f"{name}_change"]).max() > 0


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
