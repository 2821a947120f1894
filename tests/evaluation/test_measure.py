"""One rendered clip through both generators on toy models: every promised figure is there and makes sense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import WEIGHTS
from components.common.media import read_frames, write_video, write_wav
from components.synthetic.motion.clips import picture_free_clips
from components.synthetic.render.actor import Actor
from components.talker.pipeline import Talker
from evaluation.metrics.registry import METRICS
from evaluation.parts.cases import Case
from evaluation.parts.clip import ClipJob, Measured
from evaluation.parts.reenactment import FULL, MEAN_MOTION, NO_MOTION, PRIOR

pytestmark = pytest.mark.slow
FRAMES = 21


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, talker: Talker) -> Case:
    folder = tmp_path_factory.mktemp("clip")
    spoken = picture_free_clips(1, 3, sentences="test")[0]
    actor = Actor.sample(21, 256)
    still = np.zeros(3)
    frames = [actor.render(row[:WEIGHTS], row[52:55], still) for row in spoken.coefficients[8 : 8 + FRAMES]]
    write_video(folder / "a.mp4", frames)
    write_wav(folder / "a.wav", spoken.audio[8 * 640 : (8 + FRAMES) * 640])
    talker.extractor.extract(read_frames(folder / "a.mp4")).save(folder / "a.safetensors")
    video, coefficients = folder / "a.mp4", folder / "a.safetensors"
    return Case(
        "a", "M1", "happy", 2, "happy 2", video, folder / "a.wav", coefficients, video, coefficients, "sketch", video,
        "sample_1", 0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(case: Case, models: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return ClipJob(case, models, folder).run(), folder


def test_figures(measured: tuple[Measured, Path]) -> None:
    found, _ = measured
    values = found.values
    assert set(values) <= set(METRICS)
    assert values["style_a/psnr_gain_over_no_motion"] > 0.5  # the warp follows the true motion
    assert values["style_a/psnr_gain_over_prior"] == 0  # the toy network is untrained, so it is the prior
    assert values["style_a/mouth_psnr_gain_over_prior"] == 0
    assert values["style_a/zero_motion_psnr"] > 33
    assert values["style_a/face_found_rate"] == values["talker/face_found_rate"] == 1.0
    assert values["style_a/lip_aperture_correlation"] > 0.5
    still = found.baselines[NO_MOTION]
    assert found.baselines[FULL]["style_a/psnr"] == pytest.approx(found.baselines[PRIOR]["style_a/psnr"])
    assert found.baselines[FULL]["style_a/face_landmark_distance"] < still["style_a/face_landmark_distance"]
    assert np.isnan(still["style_a/lip_aperture_correlation"])
    assert found.baselines[MEAN_MOTION]["style_a/psnr"] < found.baselines[FULL]["style_a/psnr"]


def test_sample_video(measured: tuple[Measured, Path]) -> None:
    found, folder = measured
    assert found.sample is not None
    frames = list(read_frames(folder / found.sample.video))
    assert len(frames) == FRAMES
    assert frames[0].shape == (256, 4 * 256, 3)
    assert (folder / found.sample.poster).is_file()
    assert all(0 <= v <= 1 for curve in found.sample.curve.values() for v in curve)
    assert {len(curve) for curve in found.sample.curve.values()} == {FRAMES}
