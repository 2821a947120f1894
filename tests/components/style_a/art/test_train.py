"""Training of the art phase: it learns, repeats bit for bit, resumes to the same weights, takes a user's art folder."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from components.common.checkpoint import Checkpoint
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import StyleAArt, TrainStyleA
from components.common.tracker import NullTracker
from components.style_a.art.style_corpus import SIZE, art_class, brush_mixes, build_corpus, draw_batch
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES, VARIANTS
from components.style_a.art.train import art_checkpoint, train_art
from components.style_a.art.training import ArtTraining
from tests.components.style_a.art.faces import face

CPU = torch.device("cpu")


def tiny(**art: object) -> TrainStyleA:
    values = {"steps": 4, "batch_size": 2, "crop": 32, "lr": 6e-3, **art}
    return TrainStyleA(checkpoint_every=2, log_every=2, art=StyleAArt.model_validate(values))


@pytest.fixture(scope="module")
def stills() -> list[Image]:
    return [face(SIZE, seed) for seed in range(4)]


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_corpus_pairs_art_of_another_person_in_the_same_variant(stills: list[Image]) -> None:
    corpus = build_corpus(stills[:3], 0, variety=False)
    assert corpus.targets.shape == (3, len(STYLE_NAMES), SIZE, SIZE, 3)
    assert set(corpus.variants.ravel()) == set(range(VARIANTS))
    first, again, other = (draw_batch(corpus, 6, 32, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for name, value in vars(first).items():
        assert torch.equal(value, getattr(again, name)), name
    assert not torch.equal(first.bank, other.bank)
    plain = first.degree[:, 0] == 0
    assert torch.equal(first.target[plain], first.bank[plain, :3])


@pytest.mark.slow
def test_training_repeats_and_resumes_to_the_same_bytes(
    stills: list[Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = tiny()
    metrics = train_art(params, stills, tmp_path / "a", 0, tmp_path / "a.csv", tmp_path / "ck_a")
    assert {"art_psnr", "art_psnr_unstyled", "art_style_accuracy"} <= set(metrics)
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    assert [row["step"] for row in rows] == ["2", "4"]
    assert ArtStylist.from_pretrained(tmp_path / "a").config.styles == STYLE_NAMES

    def killed(training: ArtTraining) -> dict[str, float]:
        if training.step == 3:
            raise KeyboardInterrupt
        return whole(training)

    whole = ArtTraining.train_step
    with monkeypatch.context() as patch:
        patch.setattr(ArtTraining, "train_step", killed)
        with pytest.raises(KeyboardInterrupt):
            train_art(params, stills, tmp_path / "b", 0, tmp_path / "b.csv", tmp_path / "ck_b")
    assert not (tmp_path / "b").exists()
    train_art(params, stills, tmp_path / "b", 0, tmp_path / "b.csv", tmp_path / "ck_b")
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    # The finished state stays until the stage clears it, so a stage killed later does not train this phase again.
    state = art_checkpoint(params, stills, 0, tmp_path / "ck_b")
    assert state.load() is not None
    state.clear()
    assert state.load() is None


def test_mixes_start_near_the_stylizers(stills: list[Image]) -> None:
    """Least squares alone is much closer to the styles than the portrait is."""
    corpus = build_corpus(stills, 0, variety=False)
    mixes = brush_mixes(corpus, np.random.default_rng(0)).numpy()
    np.testing.assert_array_equal(mixes[0], np.eye(3, mixes.shape[2]))
    bank = corpus.banks[0].reshape(-1, corpus.banks.shape[-1]) / 127.5 - 1
    bank = np.concatenate([bank, np.ones((len(bank), 1))], 1)
    for k, name in enumerate(STYLE_NAMES):
        target = corpus.targets[0, k].reshape(-1, 3) / 127.5 - 1
        made = bank @ mixes[art_class(k, int(corpus.variants[0, k]))].T
        assert np.abs(made - target).mean() < 0.6 * np.abs(bank[:, :3] - target).mean(), name


def test_other_inputs_are_another_training(stills: list[Image], tmp_path: Path) -> None:
    keys = {
        art_checkpoint(params, pictures, seed, tmp_path).folder
        for params, pictures, seed in (
            (tiny(), stills, 0),
            (tiny(lr=1e-3), stills, 0),
            (tiny(), stills[:3], 0),
            (tiny(), stills, 1),
        )
    }
    assert len(keys) == 4


def test_training_learns_toward_the_stylizers(stills: list[Image], tmp_path: Path) -> None:
    params = tiny(steps=25, batch_size=4, adversarial_weight=0.0)
    training = ArtTraining(params, build_corpus(stills[:3], 0, variety=False), 0, CPU)
    training.run(Checkpoint(tmp_path, "x"), tmp_path / "rows.csv", NullTracker())
    losses = [row["loss"] for row in training.rows]
    assert np.mean(losses[-3:]) < 0.75 * losses[0]


def test_users_art_is_a_class_of_its_own(stills: list[Image]) -> None:
    """Samples of the user's art carry the class after all known ones, and no target of the same picture."""
    corpus = build_corpus(stills[:2], 0, [face(64, 9)], variety=False)
    batch = draw_batch(corpus, 24, 32, np.random.default_rng(0))
    own = ~batch.paired
    known = len(STYLE_NAMES) * VARIANTS
    assert 0 < own.sum() < 24
    assert set(batch.art_label[own].tolist()) == {known + 1}
    assert set(batch.label[own].tolist()) == {known + 1}
    assert batch.art_label[~own].max() <= known
    assert len(brush_mixes(corpus, np.random.default_rng(0))) == 1 + known + VARIANTS


def test_users_art_folder_becomes_a_style(stills: list[Image], tmp_path: Path) -> None:
    folder = tmp_path / "art"
    folder.mkdir()
    for seed in range(2):
        striped = np.random.default_rng(seed).integers(0, 256, (80, 1, 3)).repeat(60, 1).astype(np.uint8)
        cv2.imwrite(str(folder / f"{seed}.png"), striped)
    (folder / "notes.txt").write_text("no picture")
    params = tiny(art_folder=str(folder), batch_size=6)
    train_art(params, stills, tmp_path / "model", 0, tmp_path / "rows.csv", tmp_path / "ck")
    assert ArtStylist.from_pretrained(tmp_path / "model").config.styles == (*STYLE_NAMES, "custom")


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_art_folder_without_pictures_is_refused(stills: list[Image], tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(UserError, match="art_folder"):
        train_art(tiny(art_folder=str(tmp_path)), stills, tmp_path / "m", 0, tmp_path / "r.csv", tmp_path / "ck")


def test_too_few_stills_are_refused(stills: list[Image], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="stills"):
        train_art(tiny(), stills[:3], tmp_path / "m", 0, tmp_path / "r.csv", tmp_path / "ck")
