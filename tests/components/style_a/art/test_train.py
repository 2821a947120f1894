"""Training of the art phase: it learns toward the stylizers, and its user's art without a target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from components.common.media import Image
from components.common.params import StyleAArt, TrainStyleA
from components.common.training.checkpoint import Checkpoint
from components.style_a.art.style_corpus import StyleCorpus, build_corpus
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.train import CUSTOM, ArtTraining, content_loss
from tests.components.style_a.art.pictures import face, picture

CPU = torch.device("cpu")


def tiny(**art: object) -> TrainStyleA:
    values = {"steps": 4, "batch_size": 2, "crop": 32, "lr": 6e-3, **art}
    return TrainStyleA(checkpoint_every=2, log_every=2, art=StyleAArt.model_validate(values))


@pytest.fixture(scope="module")
def whole(corpus: StyleCorpus, tmp_path_factory: pytest.TempPathFactory) -> tuple[ArtTraining, bytes]:
    """A training that was never interrupted, and its rows."""
    plots = tmp_path_factory.mktemp("art") / "whole.csv"
    training = ArtTraining(tiny(), corpus, 0, CPU)
    training.run(plots=plots)
    return training, plots.read_bytes()


def test_training_learns_toward_the_stylizers(corpus: StyleCorpus) -> None:
    params = tiny(steps=25, batch_size=4, adversarial_weight=0.0).model_copy(update={"log_every": 1})
    training = ArtTraining(params, corpus, 0, CPU)
    before = {name: value.clone() for name, value in training.modules["discriminator"].state_dict().items()}
    training.run()
    losses = [row["loss"] for row in training.rows]
    assert np.mean(losses[-5:]) < 0.75 * losses[0]
    after = training.modules["discriminator"].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)  # it has no say


def test_a_killed_training_ends_in_the_same_bytes(
    whole: tuple[ArtTraining, bytes], corpus: StyleCorpus, tmp_path: Path
) -> None:
    expected, rows = whole
    checkpoint = Checkpoint(tmp_path, "art")
    cut = ArtTraining(tiny(), corpus, 0, CPU)
    draw = cut.draw_batch

    def draw_until_killed(number: int) -> object:
        if number == 3:
            raise KeyboardInterrupt
        return draw(number)

    cut.draw_batch = draw_until_killed
    with pytest.raises(KeyboardInterrupt):
        cut.run(checkpoint, plots=tmp_path / "cut.csv")
    resumed = ArtTraining(tiny(), corpus, 0, CPU)
    resumed.run(checkpoint, plots=tmp_path / "cut.csv")
    for name in ("generator", "discriminator"):
        for key, value in expected.modules[name].state_dict().items():
            assert torch.equal(value, resumed.modules[name].state_dict()[key]), key
    for key, value in expected.averages["generator"].values.items():
        assert torch.equal(value, resumed.averages["generator"].values[key]), key
    assert (tmp_path / "cut.csv").read_bytes() == rows


def test_the_brush_mix_learns_slower(corpus: StyleCorpus) -> None:
    training = ArtTraining(tiny(steps=100), corpus, 0, CPU)
    training.train_step(training.draw_batch(0))
    fast, slow = training.optimizers["generator"].param_groups
    assert slow["lr"] == pytest.approx(0.1 * fast["lr"])
    assert fast["lr"] == pytest.approx(6e-3 / 40)  # the first step of the warm-up
    assert [p is training.stylist.generator.synthesis.mix.weight for p in slow["params"]] == [True]
    assert training.optimizers["discriminator"].param_groups[0]["lr"] == 1e-3


def test_users_art_is_learned_without_a_target(stills: list[Image]) -> None:
    """Statistics, content and the discriminator teach a style that is known by example only."""
    corpus = build_corpus(stills[:2], 0, [face(64, 9)], variety=False)
    training = ArtTraining(tiny(batch_size=6), corpus, 0, CPU)
    assert training.stylist.config.styles == (*STYLE_NAMES, CUSTOM)
    batch = next(b for b in map(training.draw_batch, range(9)) if 0 < b.samples.paired.sum() < 6)
    figures = training.train_step(batch)
    assert all(torch.isfinite(value) for value in figures.values())
    assert figures["discriminator"] > 0
    only_free = batch.samples
    object.__setattr__(only_free, "paired", torch.zeros(6, dtype=torch.bool))
    assert training.train_step(batch)["l1"] == 0


def test_the_averaged_stylist_is_another_than_the_last(whole: tuple[ArtTraining, bytes]) -> None:
    training, _ = whole
    stylist = training.averaged_stylist()
    assert not stylist.training
    average = training.averages["generator"].values
    assert torch.equal(stylist.generator.synthesis.mix.weight, average["synthesis.mix.weight"])
    assert not torch.equal(training.stylist.generator.synthesis.mix.weight, average["synthesis.mix.weight"])


def test_content_is_the_face_and_not_its_colors() -> None:
    portrait = torch.from_numpy(picture(64, 64)).permute(2, 0, 1)[None].float() / 127.5 - 1
    assert content_loss(0.5 * portrait + 0.2, portrait) < 0.1
    assert content_loss(portrait.flip(3), portrait) > 0.4
