"""The stage on files: labeled and unlabeled clips, a rejected one, and the same bytes twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from components.annotate import stage
from components.annotate.contradictions import contradictions
from components.common.arkit import LANDMARKS
from components.common.artifacts import (
    ANNOTATION_COLUMNS,
    MANIFEST_COLUMNS,
    ClipCoefficients,
    read_table,
    write_json,
    write_table,
)
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.media import write_wav
from components.common.params import Annotate, Params
from components.runner.stage import Stage
from components.synthetic.motion.clips import picture_free_clips

PARAMS = Params(annotate=Annotate(candidates=8))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Six spoken clips of true motion; the happy ones lost their label, and one is rejected."""
    layout = Layout(tmp_path_factory.mktemp("annotate"))
    spoken = picture_free_clips(6, seed=5, seconds=1.5)
    rows = []
    for i, clip in enumerate(spoken):
        clip_id = f"clip{i}"
        frames = len(clip.coefficients)
        marks = np.zeros((frames, LANDMARKS, 3), np.float32)
        stored = ClipCoefficients(clip.coefficients, marks, np.ones(frames, bool))
        stored.save(layout.coefficients / f"{clip_id}.safetensors")
        write_wav(layout.prepared / f"{clip_id}.wav", clip.audio)
        known = clip.emotion != "happy"
        rows.append(
            {
                "clip_id": clip_id, "identity": "M003", "emotion": clip.emotion if known else "",
                "intensity": clip.intensity if known else 0, "split": "train", "fps": 25, "frames": frames,
                "sample_rate": 16000, "video": f"{clip_id}.mp4", "audio": f"{clip_id}.wav", "source": "", "sha256": "",
            }
        )  # fmt: skip
    write_table(layout.manifest, rows, MANIFEST_COLUMNS)
    write_json(layout.rejected, {"clip5": "no face in 40 of 50 frames"})
    return Stage(PARAMS, layout)


def test_every_accepted_clip_gets_five_true_sentences(project: Stage) -> None:
    metrics = stage.run(project)
    table = read_table(project.layout.annotations, ANNOTATION_COLUMNS)
    assert list(table["clip_id"]) == [f"clip{i}" for i in range(5)]
    assert metrics["recognized"] == 1
    assert metrics["rewritten"] == 0
    for row in table.to_dict("records"):
        units = json.loads(row["action_units"])
        assert len(set(row["sentences"])) == 5
        assert row["emotion"]
        assert 1 <= row["intensity"] <= 3
        assert all(not contradictions(text, row["emotion"], units) for text in row["sentences"])
        assert (row["writer"], row["ranker"]) == ("grammar", "sentence")
    assert table["emotion"][1] == "happy"  # recognized
    before = project.layout.annotations.read_bytes()
    stage.run(project)
    assert project.layout.annotations.read_bytes() == before


def test_nothing_to_annotate_fails(project: Stage, tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    write_table(layout.manifest, [], MANIFEST_COLUMNS)
    write_json(layout.rejected, {})
    with pytest.raises(StageError, match="no clip"):
        stage.run(Stage(PARAMS, layout))
