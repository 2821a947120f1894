"""The stage end to end at toy size: twice the same bytes, and a model that loads."""

import hashlib
import shutil
from contextlib import suppress

import numpy as np
import pytest

from components.common.artifacts import write_json
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.params import Params, TrainStyleE
from components.runner import training_identity
from components.runner.dvc_lock import DvcLock
from components.runner.stage import Stage
from components.runner.training_identity import CODE
from components.style_e.pipeline import StyleEPipeline
from components.style_e.stage import run
from components.style_e.train import StyleETraining
from tests.components.style_e.corpus_on_disk import write_corpus


def digest(folder) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_stage(tmp_path, clip_folder):
    section = TrainStyleE(
        text_encoder="clip", text_model=str(clip_folder), width=16, blocks=1, synthetic_clips=4, steps=6, batch_size=4,
        log_every=3, checkpoint_every=4,
    )  # fmt: skip
    digests = []
    for name in "ab":
        layout = Layout(tmp_path / name)
        write_corpus(layout)
        figures = run(Stage(Params(train_style_e=section), layout))
        digests.append((digest(layout.style_e), layout.plots("train_style_e").read_bytes()))
        assert not layout.checkpoints.exists() or not any(layout.checkpoints.rglob("*.safetensors"))
    assert digests[0] == digests[1]
    assert {"loss", "val_loss", "val_error", "val_loss_synthetic", "r_jaw_val", "r_jaw_val_synthetic"} <= set(figures)
    assert all(np.isfinite(list(figures.values())))
    pipeline = StyleEPipeline.from_pretrained(layout.style_e)
    reference = np.zeros(58, np.float32)
    reference[57] = 0.3
    assert pipeline(np.zeros(16_000, np.float32), "over the moon", reference).shape == (25, 58)


def test_after_an_edit_of_its_code_the_stage_starts_from_the_beginning(tmp_path, clip_folder, monkeypatch, capsys):
    section = TrainStyleE(
        text_encoder="clip", text_model=str(clip_folder), width=16, blocks=1, synthetic_clips=4, steps=6, batch_size=4,
        log_every=3, checkpoint_every=2,
    )  # fmt: skip
    layout = Layout(tmp_path / "project")
    write_corpus(layout)
    stage = Stage(Params(train_style_e=section), layout)
    step = StyleETraining.train_step

    def killed(training, batch):
        if training.step == 4:
            raise KeyboardInterrupt
        return step(training, batch)

    def resumed(kill: bool) -> bool:
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            if kill:
                patch.setattr(StyleETraining, "train_step", killed)
            run(stage)
        return "resumed from the checkpoint of step 4" in capsys.readouterr().err

    code = tmp_path / "code"
    for name in DvcLock.read(CODE).code("train_style_e"):
        shutil.copytree(CODE / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CODE / "dvc.yaml", code)
    monkeypatch.setattr(training_identity, "CODE", code)
    assert not resumed(kill=True)
    assert resumed(kill=True)  # the same code: nothing is lost
    losses = code / "components/style_e/losses.py"
    losses.write_text(losses.read_text() + "\nWEIGHT = 100\n")
    assert not resumed(kill=False)


def test_without_a_single_clip_it_stops_with_one_clear_line(tmp_path, clip_folder):
    layout = Layout(tmp_path)
    write_corpus(layout)
    write_json(layout.rejected, {f"clip{i}": "no face in 40 of 40 frames" for i in range(6)})
    section = TrainStyleE(text_encoder="clip", text_model=str(clip_folder), synthetic_clips=0)
    with pytest.raises(StageError, match="no clip"):
        run(Stage(Params(train_style_e=section), layout))
