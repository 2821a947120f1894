"""Whose face it is: people and painted people, no animals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.common.media import read_image
from components.face.detection import DetectedFace, FaceDetector
from components.face.human_check import HUMAN_LOGIT, HumanCheck
from tests.components.corpus.media_samples import need_media

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def human_check() -> HumanCheck:
    return HumanCheck()


def test_an_animal_is_not_taken_for_a_person(human_check: HumanCheck, detector: FaceDetector) -> None:
    dog = read_image(need_media("portrait", "not_a_human_face.jpg"))
    assert not any(human_check.is_human(dog, face) for face in detector.detect(dog))
    for name in ("photo_a.png", "photo_b.png", "painting_or_cartoon.jpg"):
        person = read_image(need_media("portrait", name))
        assert human_check.is_human(person, detector.detect(person)[0]), name


def test_a_place_without_a_face_is_nobody(human_check: HumanCheck, detector: FaceDetector, portrait: Picture) -> None:
    [face] = detector.detect(portrait)
    assert human_check.logit(portrait, face) > HUMAN_LOGIT
    assert not human_check.is_human(np.full_like(portrait, 128), face)


def test_a_mirror_changes_nothing(human_check: HumanCheck, detector: FaceDetector, portrait: Picture) -> None:
    [face] = detector.detect(portrait)
    width = portrait.shape[1]
    box = face.box[[2, 1, 0, 3]]
    box[[0, 2]] = width - box[[0, 2]]
    points = face.keypoints[[1, 0, 2, 3, 5, 4]].copy()
    points[:, 0] = width - points[:, 0]
    mirrored = human_check.logit(np.ascontiguousarray(portrait[:, ::-1]), DetectedFace(box, points, face.score))
    assert mirrored == pytest.approx(human_check.logit(portrait, face), rel=0.05)
