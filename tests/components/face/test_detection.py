from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from components.face.detection import DetectedFace, FaceDetector, _merge, _tilings
from tests.components.corpus.media_samples import scenery

Picture = NDArray[np.uint8]


def placed(portrait: Picture, side: int, x: int, y: int, width: int, height: int) -> Picture:
    canvas = np.full((height, width, 3), (80, 100, 120), np.uint8)
    canvas[y : y + side, x : x + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    return canvas


def test_a_portraits_points_lie_where_a_face_has_them(detector: FaceDetector, portrait: Picture) -> None:
    [face] = detector.detect(portrait)
    eye_left, eye_right, nose, mouth, ear_left, ear_right = face.keypoints
    assert ear_left[0] < eye_left[0] < nose[0] < eye_right[0] < ear_right[0]
    assert max(eye_left[1], eye_right[1]) < nose[1] < mouth[1]
    assert (face.box[:2] < face.keypoints.min(0) + 12).all()
    assert (face.box[2:] > face.keypoints.max(0) - 12).all()


@pytest.mark.parametrize(("side", "x", "y"), [(700, 290, 10), (300, 60, 200), (150, 1050, 480), (110, 620, 30)])
def test_faces_of_any_size_are_found_in_a_wide_frame(
    detector: FaceDetector, portrait: Picture, side: int, x: int, y: int
) -> None:
    [alone] = detector.detect(portrait)
    scale = side / len(portrait)
    faces = detector.detect(placed(portrait, side, x, y, 1280, 720))
    assert len(faces) == 1
    assert np.abs(faces[0].center - (alone.center * scale + (x, y))).max() < 0.12 * alone.side * scale
    # The box breathes with the face's size in the net's input: a rendered head's by a quarter.
    assert faces[0].side == pytest.approx(alone.side * scale, rel=0.3)


def test_a_face_larger_than_the_picture_is_found(detector: FaceDetector, portrait: Picture) -> None:
    [alone] = detector.detect(portrait)
    x, y = (alone.center - 0.45 * alone.side).astype(int)
    side = int(0.9 * alone.side)
    [face] = detector.detect(np.ascontiguousarray(portrait[y : y + side, x : x + side]))
    assert np.abs(face.center - side / 2).max() < 0.15 * side


def test_several_faces_are_found_the_largest_first(detector: FaceDetector, portrait: Picture) -> None:
    group = placed(portrait, 300, 20, 40, 900, 400)
    group[90:310, 400:620] = cv2.resize(portrait, (220, 220), interpolation=cv2.INTER_AREA)
    faces = detector.detect(group)
    assert len(faces) == 2
    assert faces[0].center[0] < 320 < faces[1].center[0]
    assert faces[0].side > faces[1].side


def test_nothing_is_found_where_nobody_is(detector: FaceDetector) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    for picture in (np.zeros((1, 1, 3), np.uint8), np.full((90, 2000, 3), 255, np.uint8), noise, *scenery(2, 300, 400)):
        assert detector.detect(picture) == []


def test_detection_repeats_exactly(portrait: Picture) -> None:
    first, second = (FaceDetector().detect(portrait)[0] for _ in range(2))
    assert first.box.tobytes() == second.box.tobytes()
    assert first.keypoints.tobytes() == second.keypoints.tobytes()


def test_overlapping_answers_become_one_face_weighted_by_score() -> None:
    box, points = np.array([10, 10, 50, 50], np.float32), np.zeros((6, 2), np.float32)
    near = [DetectedFace(box, points, 0.9), DetectedFace(box + 4, points + 4, 0.6)]
    far = DetectedFace(box + 200, points, 0.7)
    first, second = _merge([*near, far])
    assert first.box == pytest.approx(box + 4 * 0.6 / 1.5)
    assert first.keypoints == pytest.approx(points + 4 * 0.6 / 1.5)
    assert (first.score, second.score) == (0.9, 0.7)
    assert second.box == pytest.approx(far.box)


@pytest.mark.parametrize(("height", "width"), [(4000, 4000), (16_000, 1000), (200, 16_000), (1, 1)])
def test_the_looks_at_a_picture_are_bounded(height: int, width: int) -> None:
    looks = sum(len(tiles) for tiles in _tilings(np.broadcast_to(np.uint8(0), (height, width, 3))))
    assert looks < 1500


def test_a_picture_of_4k_is_searched_as_finely_as_before() -> None:
    tilings = list(_tilings(np.broadcast_to(np.uint8(0), (2160, 3840, 3))))
    assert min(tile.side for tile in tilings[-1]) == 270
