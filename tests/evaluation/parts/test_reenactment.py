"""Baselines repeat frames rightly, values are means over frames, and points are tracked through bare frames."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.artifacts import ClipCoefficients
from components.common.media import Image, read_frames
from components.talker.pipeline import Talker
from evaluation.metrics.image import psnr
from evaluation.parts.cases import Case
from evaluation.parts.reenactment import (
    METHODS,
    PRIOR,
    TrackedFrames,
    pixel_values,
    point_values,
    redraw,
    reenact,
    track_face,
)


def numbered(count: int) -> TrackedFrames:
    frames = [np.full((4, 4, 3), t, np.uint8) for t in range(count)]
    landmarks = np.arange(count, dtype=np.float32)[:, None, None].repeat(478, 1).repeat(3, 2)
    return TrackedFrames(frames, landmarks, np.arange(count) < 2)


def test_frames_points_and_flags_are_taken_together() -> None:
    some = numbered(5).take([3, 1])
    assert [int(frame[0, 0, 0]) for frame in some.frames] == [3, 1]
    assert some.landmarks[:, 0, 0].tolist() == [3, 1]
    assert some.valid.tolist() == [False, True]
    still = numbered(5).repeated(3)
    assert len(still.frames) == len(still.landmarks) == 3
    assert (still.landmarks == 0).all()


def test_a_lost_face_stays_where_it_was(face: Image) -> None:
    start = np.full((478, 3), 7.0)
    wall = np.full_like(face, 90)
    tracked = track_face([wall, face, wall], start)
    assert tracked.valid.tolist() == [False, True, False]
    assert (tracked.landmarks[0] == 7).all()
    assert (tracked.landmarks[2] == tracked.landmarks[1]).all()
    assert 60 < tracked.landmarks[1, :468, 0].mean() < 196  # on the face, amid the picture


def test_pixel_values_are_means_over_frames() -> None:
    rng = np.random.default_rng(0)
    truth = [rng.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in range(2)]
    frames = [truth[0], np.clip(truth[1].astype(int) + 9, 0, 255).astype(np.uint8)]
    mouths = np.array([[(8.0, 20.0, 0.0), (24.0, 28.0, 0.0)]] * 2)
    values = pixel_values(frames, truth, mouths)
    assert values["psnr"] == pytest.approx((100 + psnr(frames[1], truth[1])) / 2)
    assert values["mouth_psnr"] == pytest.approx((100 + psnr(frames[1], truth[1], (2, 14, 31, 35))) / 2)
    assert 0.9 < values["ssim"] < 1


def test_points_that_agree_have_no_distance() -> None:
    points = np.random.default_rng(0).uniform(0, 200, (9, 478, 3))
    values = point_values(points, points)
    assert values == pytest.approx(
        {
            "face_landmark_distance": 0.0,
            "mouth_landmark_distance": 0.0,
            "lip_aperture_correlation": 1.0,
            "eye_opening_correlation": 1.0,
        }
    )


@pytest.mark.slow
def test_a_clip_is_moved_by_its_own_motion(case: Case, talker: Talker) -> None:
    frames = list(read_frames(case.clip.video))
    truth = ClipCoefficients.load(case.clip.coefficients)
    reenactment = reenact(talker.style_a, frames, truth)
    assert list(reenactment.baselines) == list(METHODS)
    assert len(reenactment.full.frames) == len(frames)
    assert reenactment.values["style_a/psnr_gain_over_prior"] == pytest.approx(
        reenactment.values["style_a/psnr"] - reenactment.baselines[PRIOR]["style_a/psnr"]
    )
    one = redraw(talker.style_a, frames[0], truth, truth.coefficients[5:6])
    assert np.abs(one.frames[0].astype(int) - reenactment.full.frames[5]).max() <= 1  # frames do not depend on others
