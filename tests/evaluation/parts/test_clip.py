"""One rendered clip through both generators on toy models: every promised figure is there and makes sense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.media import read_frames
from evaluation.metrics.registry import METRICS
from evaluation.parts.cases import Case
from evaluation.parts.clip import FACE_STEP, CaseJob, MeasuredClip
from evaluation.parts.reenactment import FULL, MEAN_MOTION, NO_MOTION, PRIOR

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(case: Case, models: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[MeasuredClip, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return CaseJob(case, models, folder).run(), folder


def test_arrays_for_the_judges(measured: tuple[MeasuredClip, Path]) -> None:
    clip, _ = measured
    frames = clip.case.clip.frames
    assert len(clip.truth.coefficients) == len(clip.generated.coefficients) == frames
    assert len(clip.audio) == frames * 640
    faces = -(-frames // FACE_STEP)
    assert {name: rows.shape for name, rows in clip.appearances.items()} == dict.fromkeys(
        ("true", "style_a", "talker"), (faces, 64)
    )
    assert {name: rows.shape for name, rows in clip.descriptors.items()} == dict.fromkeys(
        ("style_a", "talker"), (faces, 512)
    )


def test_figures(measured: tuple[MeasuredClip, Path]) -> None:
    clip, _ = measured
    values = clip.values
    assert set(values) <= set(METRICS)
    assert values["style_a/psnr_gain_over_no_motion"] > 0.5  # the warp follows the true motion
    assert values["style_a/psnr_gain_over_prior"] == 0  # the toy network is untrained, so it is the prior
    assert values["style_a/mouth_psnr_gain_over_prior"] == 0
    assert values["style_a/zero_motion_psnr"] > 33
    assert values["style_a/face_found_rate"] == values["talker/face_found_rate"] == 1.0
    assert values["style_a/lip_aperture_correlation"] > 0.5
    still = clip.baselines[NO_MOTION]
    assert clip.baselines[FULL]["style_a/psnr"] == pytest.approx(clip.baselines[PRIOR]["style_a/psnr"])
    assert clip.baselines[FULL]["style_a/face_landmark_distance"] < still["style_a/face_landmark_distance"]
    assert np.isnan(still["style_a/lip_aperture_correlation"])
    assert clip.baselines[MEAN_MOTION]["style_a/psnr"] < clip.baselines[FULL]["style_a/psnr"]


def test_sample_video(measured: tuple[MeasuredClip, Path]) -> None:
    clip, folder = measured
    assert clip.sample is not None
    frames = list(read_frames(folder / clip.sample.video))
    assert len(frames) == clip.case.clip.frames
    assert frames[0].shape == (256, 4 * 256, 3)
    assert (folder / clip.sample.poster).is_file()
    assert all(0 <= v <= 1 for curve in clip.sample.curve.values() for v in curve)
    assert {len(curve) for curve in clip.sample.curve.values()} == {clip.case.clip.frames}
