"""Who talks: the mouth that moves more than the rest of its face."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.corpus.active_speaker import mouth_motion
from components.face.detection import DetectedFace

EYES, MOUTH = (60, 40), (60, 90)  # x, y
FACE = DetectedFace(
    np.array([20, 20, 100, 120], np.float32),
    np.array([(45, 40), (75, 40), (60, 65), MOUTH, (22, 45), (98, 45)], np.float32),
    0.9,
)


def picture(*dark: tuple[int, int], shift: int = 0, gray: int = 128) -> NDArray[np.uint8]:
    """(140, 120, 3) with dark squares around the given centers."""
    image = np.full((140, 120, 3), gray, np.uint8)
    for x, y in dark:
        image[y - 6 : y + 6, x - 10 + shift : x + 10 + shift] = 40
    return image


def test_a_mouth_that_opens_counts_and_a_still_one_does_not() -> None:
    assert mouth_motion(picture(EYES), picture(EYES, MOUTH), FACE) > 5
    assert mouth_motion(picture(EYES, MOUTH), picture(EYES, MOUTH), FACE) == 0


def test_blinks_and_light_do_not_count() -> None:
    assert mouth_motion(picture(MOUTH), picture(EYES, MOUTH), FACE) == 0
    assert mouth_motion(picture(), picture(gray=148), FACE) == pytest.approx(0, abs=1e-3)


def test_a_head_that_moves_as_a_whole_cancels() -> None:
    before, after = picture(EYES, MOUTH), picture(EYES, MOUTH, shift=2)
    assert mouth_motion(before, after, FACE) < 0.1 * mouth_motion(picture(EYES), picture(EYES, MOUTH), FACE)


def test_a_face_at_the_border_is_compared_within_the_picture() -> None:
    corner = DetectedFace(FACE.box - 60, FACE.keypoints - 60, 0.9)
    assert np.isfinite(mouth_motion(picture(EYES), picture(MOUTH), corner))
