from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from components.coefficients.accuracy import over_time, recover
from components.coefficients.regressor import REGIONS, REGRESSION_TARGETS, Regressor
from components.coefficients.rendered_faces import SIZE, TrackedClip
from components.common.agreement import pearson
from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.common.errors import UserError
from components.face.mirror import mirror_coefficients, mirror_landmarks


def test_every_learned_coefficient_belongs_to_one_region() -> None:
    columns = sorted(column for region in REGIONS.values() for column in region.columns)
    assert columns == list(range(REGRESSION_TARGETS))


def test_even_a_tiny_fit_follows_jaw_eyes_and_head(regressor: Regressor, unseen_clips: list[TrackedClip]) -> None:
    recovered = recover(regressor, unseen_clips)
    assert over_time(recovered, "jawOpen") > 0.6
    assert over_time(recovered, "eyeBlinkLeft", "eyeBlinkRight") > 0.6
    assert over_time(recovered, "yaw") > 0.8
    assert over_time(recovered, "roll") > 0.8
    assert over_time(recovered, "tx") > 0.9


def test_place_and_scale_match_the_camera(regressor: Regressor, unseen_clips: list[TrackedClip]) -> None:
    for clip in unseen_clips:
        rows = regressor.predict(clip.landmarks, SIZE)
        error = np.abs(rows[:, INDEX["tx"] :] - clip.coefficients[:, INDEX["tx"] :]).mean(axis=0)
        assert (error < (0.01, 0.02, 0.03)).all()  # crop sides; an eye distance is about 0.35
        assert error[2] < 0.05


def test_weights_are_bounded_and_a_single_frame_works(regressor: Regressor, unseen_clips: list[TrackedClip]) -> None:
    for frames in (1, 2, 40):
        rows = regressor.predict(unseen_clips[0].landmarks[:frames], SIZE)
        assert rows.shape == (frames, COEFFICIENTS)
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()
        assert rows[:, :WEIGHTS].min() >= 0
        assert rows[:, :WEIGHTS].max() <= 1


def test_a_mirrored_clip_gives_mirrored_coefficients(regressor: Regressor, unseen_clips: list[TrackedClip]) -> None:
    landmarks = unseen_clips[0].landmarks
    rows = regressor.predict(landmarks, SIZE)
    mirrored = regressor.predict(mirror_landmarks(landmarks, SIZE), SIZE)
    # Mirrored training makes the map symmetric up to the asymmetry of the mean face.
    assert pearson(mirror_coefficients(mirrored).ravel(), rows.ravel()) > 0.97


def test_saving_keeps_every_number(regressor: Regressor, unseen_clips: list[TrackedClip], tmp_path: Path) -> None:
    regressor.save_pretrained(tmp_path / "one")
    again = Regressor.from_pretrained(tmp_path / "one")
    landmarks = unseen_clips[0].landmarks
    assert np.array_equal(again.predict(landmarks, SIZE), regressor.predict(landmarks, SIZE))
    again.save_pretrained(tmp_path / "two")
    for name in ("config.json", "regressor.safetensors"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_missing_or_foreign_folder_is_one_line(regressor: Regressor, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro"):
        Regressor.from_pretrained(tmp_path)
    regressor.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"format": 99}))
    with pytest.raises(UserError, match="format"):
        Regressor.from_pretrained(tmp_path)


def test_wrong_shapes_are_refused(regressor: Regressor) -> None:
    with pytest.raises(ValueError, match="478"):
        regressor.predict(np.zeros((2, 468, 3)), SIZE)
    with pytest.raises(ValueError, match="T > 0"):
        regressor.predict(np.zeros((0, 478, 3)), SIZE)
