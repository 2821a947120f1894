"""A portrait is the largest face, large enough to be driven, on a square of a usable size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from components.common.errors import UserError
from components.common.media import Image
from components.talker.pipeline import Talker
from components.talker.portrait import LARGEST_CROP, SMALLEST_CROP, Portrait, resized


@pytest.mark.parametrize(
    ("side", "expected"),
    [(100, SMALLEST_CROP), (SMALLEST_CROP, SMALLEST_CROP), (301, 300), (512, 512), (3000, LARGEST_CROP)],
)
def test_crops_are_brought_to_a_usable_even_side(side: int, expected: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    picture = resized(crop)
    assert picture.shape == (expected, expected, 3)
    assert picture.dtype == np.uint8
    assert abs(float(picture.mean()) - float(crop.mean())) < 2
    assert (picture is crop) == (side == expected)


def test_a_tiny_face_is_refused_before_it_is_looked_at(face: Image) -> None:
    picture = np.full((200, 200, 3), 128, np.uint8)
    picture[60:104, 60:104] = cv2.resize(face, (44, 44), interpolation=cv2.INTER_AREA)
    with pytest.raises(UserError, match="pixels wide; at least 40"):
        Portrait.find(picture, None)  # type: ignore[arg-type]  # the extractor is not reached


def test_a_picture_without_a_face_is_refused() -> None:
    with pytest.raises(UserError, match="face"):
        Portrait.find(np.full((200, 300, 3), 90, np.uint8), None)  # type: ignore[arg-type]


@pytest.mark.slow
def test_largest_face_wins(talker: Talker, two_faces: Image, face: Image) -> None:
    portrait = talker.portrait(two_faces)
    assert portrait.faces == 2
    assert portrait.picture.shape[0] == portrait.picture.shape[1]
    assert talker.portrait(face).faces == 1
