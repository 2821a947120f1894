from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from components.common.arkit import INDEX
from components.common.errors import UserError
from components.common.media import read_image
from components.face.crop import FACE_CENTER, FACE_SHARE, CropBox, crop_portrait, face_crop, main_track
from components.face.detection import DetectedFace
from tests.components.corpus.media_samples import need_media

QUICK = settings(max_examples=60, deadline=None)


def face(x: float, y: float, side: float, score: float = 0.9) -> DetectedFace:
    """A face by its center."""
    box = np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2], np.float32)
    return DetectedFace(box, np.zeros((6, 2), np.float32), score)


def test_the_crop_frames_the_face() -> None:
    box = face_crop([face(640, 300, 100)] * 3, 1280, 720)
    assert box.side == pytest.approx(100 / FACE_SHARE, abs=1)
    assert (640 - box.x) / box.side == pytest.approx(FACE_CENTER[0], abs=0.01)
    assert (300 - box.y) / box.side == pytest.approx(FACE_CENTER[1], abs=0.01)


@QUICK
@given(
    st.integers(40, 2000),
    st.integers(40, 2000),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.05, 0.7),
)
def test_crops_stay_inside_where_they_can(width: int, height: int, x: float, y: float, share: float) -> None:
    box = face_crop([face(x * width, y * height, share * min(width, height))], width, height)
    assert box.side <= min(width, height)
    assert 0 <= box.x <= width - box.side
    assert 0 <= box.y <= height - box.side


def test_a_framed_square_picture_is_kept_whole() -> None:
    assert face_crop([face(130, 140, 120)], 256, 256) == CropBox(0, 0, 256)
    assert face_crop([face(60, 140, 60)], 256, 256) != CropBox(0, 0, 256)


def test_wrong_boxes_do_not_move_the_crop() -> None:
    right = [face(640, 300, 100)] * 40
    assert face_crop([*right, face(60, 60, 300)], 1280, 720) == face_crop(right, 1280, 720)


def test_a_walking_person_stays_in_the_crop() -> None:
    faces = [face(x, 300, 100) for x in np.linspace(400, 640, 25)]
    box = face_crop(faces, 1280, 720)
    assert box.x < faces[1].box[0]
    assert faces[-2].box[2] < box.x + box.side


def test_border_pixels_continue_outside() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    cut = CropBox(-1, -1, 6).apply(picture)
    assert cut.shape == (6, 6, 3)
    assert (cut[1:5, 1:5] == picture).all()
    assert (cut[0, 1:5] == picture[0]).all()
    assert CropBox(1, 1, 2).apply(picture, 8).shape == (8, 8, 3)


@QUICK
@given(st.integers(-40, 100), st.integers(-40, 100), st.integers(20, 300), st.floats(-0.4, 0.4), st.floats(0.05, 0.6))
def test_coefficients_move_with_the_crop(x: int, y: int, side: int, t: float, scale: float) -> None:
    rows = np.zeros((1, 58), np.float32)
    rows[0, [INDEX["tx"], INDEX["ty"], INDEX["scale"], INDEX["yaw"]]] = t, -t, scale, 0.3
    moved = CropBox(x, y, side).move(rows, 256, 256)[0]
    # The same pixel and the same length, seen in the crop.
    assert (moved[INDEX["tx"]] + 0.5) * side + x == pytest.approx((t + 0.5) * 256, abs=1e-2)
    assert (moved[INDEX["ty"]] + 0.5) * side + y == pytest.approx((-t + 0.5) * 256, abs=1e-2)
    assert moved[INDEX["scale"]] * side == pytest.approx(scale * 256, rel=1e-4)
    assert moved[INDEX["yaw"]] == pytest.approx(0.3)


def test_coefficients_of_oblong_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        CropBox(0, 0, 10).move(np.zeros((1, 58), np.float32), 20, 10)


def test_the_person_seen_most_is_followed() -> None:
    anna = [face(300 + i, 300, 100) for i in range(10)]
    bystander = [face(900, 300, 120) for _ in range(3)]
    frames = [[anna[i], bystander[i]] if i < 3 else [anna[i]] for i in range(10)]
    assert main_track(frames) == anna
    assert main_track([[], []]) == []


def test_portraits_are_cut_and_counted(portrait: NDArray[np.uint8]) -> None:
    wide = np.full((400, 900, 3), 90, np.uint8)
    wide[100:356, 100:356] = portrait
    wide[100:356, 560:816] = portrait
    cut = crop_portrait(wide, 128)
    assert cut.faces == 2
    assert cut.image.shape == (128, 128, 3)
    assert crop_portrait(portrait).image.shape == portrait.shape


def test_portraits_without_a_person_are_refused() -> None:
    with pytest.raises(UserError, match="no face"):
        crop_portrait(np.zeros((200, 200, 3), np.uint8))
    with pytest.raises(UserError, match="not a human"):
        crop_portrait(read_image(need_media("portrait", "not_a_human_face.jpg")))
