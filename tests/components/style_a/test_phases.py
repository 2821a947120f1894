"""The phases of Style-A's training: models on disk, resumed after a kill, told apart by what they learn from."""

from __future__ import annotations

import csv
import hashlib
import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from components.common.artifacts import MANIFEST_COLUMNS, write_json, write_table
from components.common.errors import StageError, UserError
from components.common.layout import Layout
from components.common.params import Params, Runtime, StyleAArt, StyleAMotion, TrainStyleA
from components.common.tracker import NullTracker
from components.common.training.step_log import write_steps
from components.face.frame_groups import FrameGroup
from components.face.landmark_basis import LandmarkBasis
from components.runner.stage import Stage
from components.style_a.art.style_corpus import SIZE
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.train import ArtTraining
from components.style_a.motion.network import MotionNetwork
from components.style_a.phases import ArtPhase, MotionPhase, beside, log_rows
from tests.components.style_a.art.pictures import face

STILLS = tuple(face(SIZE, seed) for seed in range(4))


def tiny(seed: int = 0, **art: object) -> Params:
    values = {"steps": 4, "batch_size": 2, "crop": 32, "lr": 6e-3, **art}
    section = TrainStyleA(
        size=64, checkpoint_every=2, log_every=2, art=StyleAArt.model_validate(values),
        motion=StyleAMotion(steps=4, batch_size=2, crop=32, styled_fraction=0),
    )  # fmt: skip
    return Params(runtime=Runtime(seed=seed, device="cpu"), train_style_a=section)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_art_repeats_and_resumes_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ArtPhase(tiny(), Layout(tmp_path / "a"), {}, STILLS)
    metrics = whole.train()
    assert {"art_psnr", "art_psnr_unstyled", "art_style_accuracy"} <= set(metrics)
    rows = list(csv.DictReader(whole.plots.open()))
    assert [row["step"] for row in rows] == ["2", "4"]
    model = whole.layout.style_a / "art"
    assert ArtStylist.from_pretrained(model).config.styles == STYLE_NAMES

    step = ArtTraining.train_step

    def killed(training: ArtTraining, batch: object) -> object:
        if training.step == 3:
            raise KeyboardInterrupt
        return step(training, batch)

    cut = ArtPhase(tiny(), Layout(tmp_path / "b"), {}, STILLS)
    with monkeypatch.context() as patch:
        patch.setattr(ArtTraining, "train_step", killed)
        with pytest.raises(KeyboardInterrupt):
            cut.train()
    assert not (cut.layout.style_a / "art").exists()
    cut.train()
    assert hashes(cut.layout.style_a / "art") == hashes(model)
    assert cut.plots.read_bytes() == whole.plots.read_bytes()
    # The finished state stays until the stage clears it, so a stage killed later does not train this phase again.
    assert cut.checkpoint.load() is not None
    cut.checkpoint.clear()
    assert cut.checkpoint.load() is None


def test_other_inputs_are_another_training(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    keys = {
        ArtPhase(params, layout, {}, stills).checkpoint.folder
        for params, stills in ((tiny(), STILLS), (tiny(lr=1e-3), STILLS), (tiny(), STILLS[:3]), (tiny(seed=1), STILLS))
    }
    assert len(keys) == 4


def test_other_code_is_another_training_and_other_habits_are_not(tmp_path: Path) -> None:
    layout, code = Layout(tmp_path), {"code": "a"}

    def with_pace(**changes: int) -> Params:
        params = tiny()
        return params.model_copy(update={"train_style_a": params.train_style_a.model_copy(update=changes)})

    often, rarely = with_pace(checkpoint_every=1), with_pace(log_every=4)
    first, edited = ArtPhase(tiny(), layout, code, STILLS), ArtPhase(tiny(), layout, {"code": "b"}, STILLS)
    assert first.checkpoint.folder != edited.checkpoint.folder
    assert first.checkpoint.folder == ArtPhase(often, layout, dict(code), STILLS).checkpoint.folder
    # Rows go on where those of the checkpoint end, so that their pace is the training's own.
    assert first.checkpoint.folder != ArtPhase(rarely, layout, code, STILLS).checkpoint.folder


def test_a_picture_is_a_still_or_the_users_art_never_both_under_one_key(tmp_path: Path) -> None:
    keys = []
    for name, count in (("one", 1), ("two", 2), ("moved", 2)):
        folder = tmp_path / name
        folder.mkdir()
        for seed in range(count):
            cv2.imwrite(str(folder / f"{seed}.png"), STILLS[seed])
        keys.append(ArtPhase(tiny(art_folder=str(folder)), Layout(tmp_path), {}, STILLS).checkpoint.folder)
    assert keys[0] != keys[1] == keys[2]


def test_users_art_folder_becomes_a_style(tmp_path: Path) -> None:
    folder = tmp_path / "art"
    folder.mkdir()
    for seed in range(2):
        striped = np.random.default_rng(seed).integers(0, 256, (80, 1, 3)).repeat(60, 1).astype(np.uint8)
        cv2.imwrite(str(folder / f"{seed}.png"), striped)
    layout = Layout(tmp_path)
    ArtPhase(tiny(art_folder=str(folder), batch_size=6), layout, {}, STILLS).train()
    assert ArtStylist.from_pretrained(layout.style_a / "art").config.styles == (*STYLE_NAMES, "custom")


def test_an_art_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="art_folder"):
        ArtPhase(tiny(art_folder=str(tmp_path)), Layout(tmp_path), {}, STILLS).train()


def test_too_few_stills_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="stills"):
        ArtPhase(tiny(), Layout(tmp_path), {}, STILLS[:3]).train()


@pytest.fixture
def stage(tmp_path: Path, basis: LandmarkBasis) -> Stage:
    """A layout with a landmark basis, without held-out clips."""
    layout = Layout(tmp_path)
    basis.save(layout.heads, np.float64)
    write_table(layout.manifest, [], MANIFEST_COLUMNS)
    write_json(layout.rejected, {})
    return Stage(tiny(), layout)


def test_motion_leaves_a_network_and_its_basis(stage: Stage, small_groups: list[FrameGroup]) -> None:
    phase = MotionPhase(stage, {}, small_groups[:1], small_groups[1:])
    assert phase.train() == {}  # nobody was held out to be measured on
    folder = stage.layout.style_a / "motion"
    written = hashes(folder)
    assert set(written) == {"basis.safetensors", "config.json", "network.safetensors"}
    assert MotionNetwork.from_pretrained(folder).config.size == 64
    assert LandmarkBasis.load(folder).canonical.shape == (468, 3)
    assert len(stage.layout.plots("train_style_a_motion").read_text().splitlines()) == 3

    # Killed after its training, the stage runs again on the finished state: the same files, the figures too.
    stage.layout.plots("train_style_a_motion").unlink()
    again = MotionPhase(stage, {}, small_groups[:1], small_groups[1:])
    stored = again.checkpoint.load()
    assert stored is not None
    assert stored[1]["step"] == 4
    again.train()
    assert hashes(folder) == written
    assert len(stage.layout.plots("train_style_a_motion").read_text().splitlines()) == 3


def test_other_frames_are_another_motion_training(stage: Stage, small_groups: list[FrameGroup]) -> None:
    other = Stage(tiny(seed=1), stage.layout)
    phases = [
        MotionPhase(stage, {}, small_groups, small_groups),
        MotionPhase(stage, {}, small_groups[:2], small_groups),
        MotionPhase(other, {}, small_groups, small_groups),
    ]
    assert len({phase.checkpoint.folder for phase in phases}) == 3
    assert phases[0].checkpoint.folder != ArtPhase(stage.params, stage.layout, {}, STILLS).checkpoint.folder


def refuse() -> dict[str, float]:
    raise UserError(f"no stills in process {os.getpid()}")


@pytest.mark.slow
def test_an_error_of_the_other_process_arrives_whole() -> None:
    with pytest.raises(UserError, match="no stills") as caught, beside(2, refuse) as figures:
        figures()
    assert str(os.getpid()) not in str(caught.value)


def wait_for_the_end() -> dict[str, float]:
    from components.common.machine.interruption import deferred

    with deferred() as wish:
        Path(os.environ["NOTE"]).write_text("training")
        while True:
            time.sleep(0.05)
            if wish.number:
                Path(os.environ["NOTE"]).write_text("saved")
            wish.fulfil()


@pytest.mark.slow
def test_when_one_phase_is_interrupted_the_other_saves_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note"
    monkeypatch.setenv("NOTE", str(note))

    def train() -> None:
        with beside(2, wait_for_the_end):
            while not note.is_file() or not note.read_text():
                time.sleep(0.05)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train()
    assert note.read_text() == "saved"


def die() -> dict[str, float]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@pytest.mark.slow
def test_a_phase_that_is_killed_is_explained_in_one_line() -> None:
    with pytest.raises(StageError, match="a worker process was killed by signal 9"), beside(2, die) as figures:
        figures()


def test_with_one_worker_the_phase_waits_until_it_is_asked() -> None:
    order: list[str] = []

    def train() -> dict[str, float]:
        order.append("art")
        return {"loss": 1.0}

    with beside(1, train) as figures:
        order.append("motion")
        assert figures() == {"loss": 1.0}
    assert order == ["motion", "art"]


def test_rows_are_handed_to_the_tracker(tmp_path: Path) -> None:
    rows = [{"step": 2, "loss": 0.5}, {"step": 4, "loss": 0.25, "late": 1.0}]
    write_steps(tmp_path / "art.csv", rows)
    metrics: list[tuple[int | None, dict[str, float]]] = []

    class Listener(NullTracker):
        def log_metrics(self, figures: dict[str, float], step: int | None = None) -> None:
            metrics.append((step, dict(figures)))

    log_rows(Listener(), tmp_path / "art.csv", "art_")
    assert metrics == [(2, {"art_loss": 0.5}), (4, {"art_loss": 0.25, "art_late": 1.0})]
