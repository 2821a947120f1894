"""The stage on files, small: what it writes, what it refuses, and that two runs write the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients import extract_stage
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE
from components.common.arkit import WEIGHTS
from components.common.artifacts import MANIFEST_COLUMNS, ClipCoefficients, read_json, write_table
from components.common.errors import StageError, UserError
from components.common.layout import Layout
from components.common.media import write_video
from components.common.params import Params, Runtime
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


def test_it_writes_every_clip_and_lists_the_bad_one(project: Stage) -> None:
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


def test_it_refuses_a_manifest_that_does_not_fit(project: Stage) -> None:
    write_table(project.layout.manifest, [_row("whole", 9)], MANIFEST_COLUMNS)
    with pytest.raises(StageError, match="5 frames, the manifest says 9"):
        extract_stage.run(project)


def test_it_fails_when_nothing_is_left(project: Stage) -> None:
    write_table(project.layout.manifest, [_row("empty", 4)], MANIFEST_COLUMNS)
    with pytest.raises(StageError, match="all 1 clips were rejected"):
        extract_stage.run(project)


def test_missing_inputs_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro"):
        extract_stage.run(Stage(Params(), Layout(tmp_path)))
