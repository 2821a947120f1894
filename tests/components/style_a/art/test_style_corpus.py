"""Training pairs of phase 1: art of the same variant, mixes in closed form, the user's own art as one more style."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from components.common.errors import UserError
from components.common.media import Image
from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.style_corpus import (
    SIZE,
    VIEW,
    StyleCorpus,
    art_class,
    brush_mixes,
    build_corpus,
    draw_batch,
    draw_views,
    read_art_folder,
    square,
    to_tensor,
)
from components.style_a.art.stylizers import STYLE_NAMES, VARIANTS
from tests.components.style_a.art.pictures import face


def test_corpus_pairs_art_of_another_person_in_the_same_variant(corpus: StyleCorpus) -> None:
    assert corpus.targets.shape == (3, len(STYLE_NAMES), SIZE, SIZE, 3)
    assert set(corpus.variants.ravel()) == set(range(VARIANTS))
    first, again, other = (draw_batch(corpus, 6, 32, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for name, value in vars(first).items():
        assert torch.equal(value, getattr(again, name)), name
    assert not torch.equal(first.bank, other.bank)
    plain = first.degree[:, 0] == 0
    assert torch.equal(first.target[plain], first.bank[plain, :3])
    assert first.bank.shape == (6, BRUSHES, 32, 32)
    assert first.art_view.shape == (6, 3, VIEW, VIEW)


def test_a_batch_goes_to_a_device_whole(corpus: StyleCorpus) -> None:
    moved = draw_batch(corpus, 2, 32, np.random.default_rng(0)).to(torch.device("meta"))
    assert {tensor.device.type for tensor in vars(moved).values()} == {"meta"}


def test_variety_adds_photographs_and_textures(stills: list[Image]) -> None:
    corpus = build_corpus(stills[:1], 0)
    assert len(corpus.banks) == 3  # the still, a photograph of it, a texture
    np.testing.assert_array_equal(corpus.portrait(0), stills[0])
    assert np.abs(corpus.portrait(1).astype(int) - stills[0]).mean() > 3


def test_mixes_start_near_the_stylizers(corpus: StyleCorpus) -> None:
    """Least squares alone is much closer to the styles than the portrait is."""
    mixes = brush_mixes(corpus, np.random.default_rng(0)).numpy()
    np.testing.assert_array_equal(mixes[0], np.eye(3, mixes.shape[2]))
    bank = corpus.banks[0].reshape(-1, corpus.banks.shape[-1]) / 127.5 - 1
    bank = np.concatenate([bank, np.ones((len(bank), 1))], 1)
    for k, name in enumerate(STYLE_NAMES):
        target = corpus.targets[0, k].reshape(-1, 3) / 127.5 - 1
        made = bank @ mixes[art_class(k, int(corpus.variants[0, k]))].T
        assert np.abs(made - target).mean() < 0.6 * np.abs(bank[:, :3] - target).mean(), name


def test_views_come_with_their_class(corpus: StyleCorpus) -> None:
    views, labels = draw_views(corpus, 40, np.random.default_rng(0))
    assert views.shape == (40, 3, VIEW, VIEW)
    assert labels.min() >= 1
    assert labels.max() <= len(STYLE_NAMES) * VARIANTS
    assert len(set(labels.tolist())) > 10


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


def test_the_art_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for level, name in ((10, "b.png"), (200, "a.PNG"), (90, "c.jpg")):
        cv2.imwrite(str(tmp_path / name), np.full((8, 6, 3), (0, 0, level), np.uint8))  # BGR on disk
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    pictures = read_art_folder(str(tmp_path))
    assert [int(picture[0, 0, 0]) for picture in pictures] == pytest.approx([200, 10, 90], abs=2)
    assert pictures[0].shape == (8, 6, 3)
    assert read_art_folder("") == []


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_an_art_folder_without_pictures_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(UserError, match="art_folder"):
        read_art_folder(str(tmp_path))


def test_square_takes_the_middle() -> None:
    image = np.zeros((40, 100, 3), np.uint8)
    image[:, 30:70] = 255
    np.testing.assert_array_equal(square(image, 40), 255)
    assert square(image, 64).shape == (64, 64, 3)


def test_tensors_run_from_minus_one_to_one() -> None:
    tensor = to_tensor([np.array([[[0, 255, 51]]], np.uint8)])
    torch.testing.assert_close(tensor, torch.tensor([-1.0, 1.0, -0.6])[None, :, None, None])
