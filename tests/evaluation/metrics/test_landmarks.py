"""Landmark distances, lip aperture and eye opening on faces whose geometry is known."""

from __future__ import annotations

import numpy as np
import pytest

from components.face.mesh import MOUTH_CORNERS, OUTER_EYE_CORNERS
from evaluation.metrics import landmarks as lm


def face(frames: int = 12, gap: float = 0.0, seed: int = 0) -> np.ndarray:
    """(T, 478, 3) points with eyes 100 px apart and inner lips `gap` px apart."""
    points = np.random.default_rng(seed).uniform(0, 200, (1, 478, 3)).repeat(frames, axis=0)
    points[:, OUTER_EYE_CORNERS, :2] = (50, 80), (150, 80)
    for upper, lower in zip(lm.UPPER_LIP, lm.LOWER_LIP, strict=True):
        points[:, lower, :2] = points[:, upper, :2] + (0, gap)
    return points


def test_distances_are_percent_of_the_eye_distance() -> None:
    truth = face()
    moved = truth + np.array([3.0, 4.0, 9.0])  # depth does not count
    assert lm.face_landmark_distance(moved, truth) == pytest.approx(5.0)
    assert lm.mouth_landmark_distance(moved, truth) == pytest.approx(0.0, abs=1e-9)
    assert lm.face_landmark_distance(2 * moved, 2 * truth) == pytest.approx(5.0)


def test_mouth_distance_sees_shape() -> None:
    truth, wide = face(), face()
    lips = list(lm.LIPS)
    center = truth[:, lips, :2].mean(axis=1, keepdims=True)
    wide[:, lips, :2] = center + 1.2 * (truth[:, lips, :2] - center)
    assert lm.mouth_landmark_distance(wide, truth) > 1


def test_apertures() -> None:
    assert lm.lip_aperture(face(gap=20)) == pytest.approx(np.full(12, 0.2))
    wide = face()
    wide[:, MOUTH_CORNERS, :2] = (70, 150), (130, 150)
    assert lm.lip_width(wide) == pytest.approx(np.full(12, 0.6))
    shut = face()
    for upper, lower in lm.LID_PAIRS:
        shut[:, lower] = shut[:, upper]
    assert lm.eye_opening(shut) == pytest.approx(np.zeros(12))
