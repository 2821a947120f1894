from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients.extractor import CoefficientExtractor, fill_gaps, smooth
from components.coefficients.regressor import Regressor
from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.common.errors import UserError
from components.common.media import Image, read_image
from components.synthetic.render.actor import Actor

BLANK = np.full((256, 256, 3), 80, np.uint8)


@pytest.fixture(scope="module")
def extractor(regressor: Regressor) -> CoefficientExtractor:
    return CoefficientExtractor(regressor)


@pytest.fixture(scope="module")
def frames() -> list[Image]:
    """The jaw opens and the head turns steadily, so that a shifted row would show."""
    actor, rows = Actor.sample(21), []
    for t in range(8):
        weights = np.zeros(WEIGHTS)
        weights[INDEX["jawOpen"]] = t / 8
        rows.append(actor.render(weights, np.array([0.05 * t, 0, 0])))
    return rows


def test_rows_match_frames(extractor: CoefficientExtractor, frames: list[Image]) -> None:
    clip = extractor.extract(iter(frames))
    assert clip.coefficients.shape == (8, COEFFICIENTS)
    assert clip.valid.all()
    assert (np.diff(clip.coefficients[:, INDEX["yaw"]]) > 0).all()


def test_a_missed_face_is_flagged_interpolated_and_shifts_nothing(
    extractor: CoefficientExtractor, frames: list[Image]
) -> None:
    whole = extractor.extract(frames)
    holed = extractor.extract([BLANK, *frames[1:3], BLANK, BLANK, *frames[5:7], BLANK])
    assert holed.valid.tolist() == [False, True, True, False, False, True, True, False]
    assert np.abs(holed.landmarks[[1, 2, 5, 6]] - whole.landmarks[[1, 2, 5, 6]]).max() < 4  # pixels
    assert np.allclose(holed.landmarks[3], holed.landmarks[2] * 2 / 3 + holed.landmarks[5] / 3, atol=1e-3)
    assert np.array_equal(holed.landmarks[0], holed.landmarks[1])  # held at the start
    assert np.array_equal(holed.landmarks[7], holed.landmarks[6])  # and at the end
    assert np.isfinite(holed.coefficients).all()


def test_a_clip_without_any_face_is_all_invalid(extractor: CoefficientExtractor) -> None:
    clip = extractor.extract([BLANK] * 3)
    assert not clip.valid.any()
    assert clip.coefficients.shape == (3, COEFFICIENTS)
    assert not clip.coefficients.any()


def test_no_frames_is_one_line(extractor: CoefficientExtractor) -> None:
    with pytest.raises(UserError, match="no frames"):
        extractor.extract([])


def test_clips_do_not_leak_into_each_other(extractor: CoefficientExtractor, frames: list[Image]) -> None:
    first = extractor.extract(frames[:3])
    extractor.extract(frames[4:])
    assert np.array_equal(extractor.extract(frames[:3]).coefficients, first.coefficients)


def test_place_is_measured_in_the_square_around_a_wide_picture(
    extractor: CoefficientExtractor, frames: list[Image]
) -> None:
    wide = np.concatenate([np.full((256, 64, 3), 80, np.uint8), frames[0], np.full((256, 64, 3), 80, np.uint8)], axis=1)
    square, stretched = extractor.portrait(frames[0]), extractor.portrait(wide)
    assert square is not None
    assert stretched is not None
    scale = INDEX["scale"]
    assert stretched[0][scale] == pytest.approx(square[0][scale] * 256 / 384, rel=0.03)
    assert stretched[0][INDEX["tx"]] == pytest.approx(square[0][INDEX["tx"]] * 256 / 384, abs=0.01)


def test_portraits_of_people_and_of_an_animal(extractor: CoefficientExtractor, media: Path) -> None:
    found = extractor.portrait(read_image(media / "portrait" / "photo_b.png"))
    assert found is not None
    coefficients, face = found
    assert coefficients.shape == (COEFFICIENTS,)
    assert face.human
    assert extractor.portrait(read_image(media / "portrait" / "not_a_human_face.jpg")) is None
    assert extractor.portrait(BLANK) is None


def test_fill_gaps_and_smooth() -> None:
    values = np.array([[9.0], [1.0], [9.0], [3.0], [9.0]], np.float32)
    filled = fill_gaps(values, np.array([False, True, False, True, False]))
    assert filled[:, 0].tolist() == [1, 1, 2, 3, 3]
    ramp = np.arange(5, dtype=np.float32)[:, None]
    assert np.allclose(smooth(ramp, 0.6)[1:-1], ramp[1:-1])  # a steady motion is left alone
    assert np.array_equal(smooth(ramp, 1.0), ramp)
    spike = np.array([[0.0], [0.0], [1.0], [0.0], [0.0]], np.float32)
    assert smooth(spike, 0.6)[:, 0] == pytest.approx([0, 0.2, 0.6, 0.2, 0])
