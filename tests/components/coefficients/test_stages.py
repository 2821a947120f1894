"""The stages on files, small: what they write, what they refuse, and that two runs write the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients import extract_stage, fit_stage
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, SeenClip
from components.common.arkit import WEIGHTS
from components.common.artifacts import MANIFEST_COLUMNS, ClipCoefficients, read_json, write_table
from components.common.errors import StageError, UserError
from components.common.layout import Layout
from components.common.media import write_video
from components.common.params import FitRegressor, Params, Runtime
from components.runner.stage import Stage
from components.synthetic.render.actor import Actor

BLANK = np.full((SIZE, SIZE, 3), 80, np.uint8)


def _row(clip_id: str, frames: int) -> dict[str, object]:
    return {
        "clip_id": clip_id, "identity": "a", "emotion": "happy", "intensity": 1, "split": "train", "fps": 25,
        "frames": frames, "sample_rate": 16000, "video": f"clips/{clip_id}.mp4", "audio": f"clips/{clip_id}.wav",
        "source": "", "sha256": "",
    }  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, regressor: Regressor) -> Stage:
    """Three clips: a face in every frame, one face missed, and hardly any face."""
    layout = Layout(tmp_path)
    face = Actor.sample(31).render(np.zeros(WEIGHTS))
    clips = {"whole": [face] * 5, "holed": [face, face, BLANK, face], "empty": [face, BLANK, BLANK, BLANK]}
    for clip_id, frames in clips.items():
        write_video(layout.clips / f"{clip_id}.mp4", frames)
    write_table(layout.manifest, [_row(clip_id, len(frames)) for clip_id, frames in clips.items()], MANIFEST_COLUMNS)
    regressor.save_pretrained(layout.regressor)
    return Stage(Params(runtime=Runtime(workers=1)), layout)


def test_extract_writes_every_clip_and_lists_the_bad_one(project: Stage) -> None:
    metrics = extract_stage.run(project)
    layout = project.layout
    assert metrics["clips"] == 3
    assert metrics["rejected"] == 1
    assert metrics["frames"] == 13
    assert read_json(layout.rejected) == {"empty": "no face in 3 of 4 frames"}
    holed = ClipCoefficients.load(layout.clip_coefficients("holed"))
    assert holed.valid.tolist() == [True, True, False, True]
    assert len(ClipCoefficients.load(layout.clip_coefficients("whole")).coefficients) == 5
    before = layout.clip_coefficients("holed").read_bytes()
    extract_stage.run(project)
    assert layout.clip_coefficients("holed").read_bytes() == before


def test_extract_refuses_a_manifest_that_does_not_fit(project: Stage) -> None:
    write_table(project.layout.manifest, [_row("whole", 9)], MANIFEST_COLUMNS)
    with pytest.raises(StageError, match="5 frames, the manifest says 9"):
        extract_stage.run(project)


def test_extract_fails_when_nothing_is_left(project: Stage) -> None:
    write_table(project.layout.manifest, [_row("empty", 4)], MANIFEST_COLUMNS)
    with pytest.raises(StageError, match="all 1 clips were rejected"):
        extract_stage.run(project)


def test_missing_inputs_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro"):
        extract_stage.run(Stage(Params(), Layout(tmp_path)))


def test_fit_stage_saves_the_same_regressor_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unseen_clips: list[SeenClip]
) -> None:
    monkeypatch.setattr(fit_stage, "TEST_PEOPLE", 1)
    monkeypatch.setattr(fit_stage, "TEST_CLIPS", 1)
    monkeypatch.setattr(fit_stage, "TEST_FRAMES", 8)
    small = FitRegressor(identities=2, clips_per_identity=1, frames_per_clip=4)
    stored = []
    for name in ("one", "two"):
        layout = Layout(tmp_path / name)
        metrics = fit_stage.run(Stage(Params(runtime=Runtime(workers=1), fit_regressor=small), layout))
        assert metrics["frames"] == 8
        assert all(np.isfinite(value) for value in metrics.values())
        stored.append((layout.regressor / "regressor.safetensors").read_bytes())
    assert stored[0] == stored[1]
    assert Regressor.from_pretrained(layout.regressor).predict(unseen_clips[0].landmarks, SIZE).shape[1] == 58
