from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.annotate.brief import Brief
from components.annotate.rankers.clip import ClipRanker
from components.common.errors import UserError
from components.common.media import Image
from tests.components.annotate.tiny_models import save_tiny_clip


def never() -> Image:
    raise AssertionError("there is nothing to rank")


@pytest.fixture(scope="module")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> ClipRanker:
    folder = tmp_path_factory.mktemp("clip")
    save_tiny_clip(folder)
    return ClipRanker(str(folder))


def test_it_looks_at_the_frame(ranker: ClipRanker) -> None:
    sentences = ["a happy man", "the sad woman is a face", "angry"]
    frames = [np.random.default_rng(seed).integers(0, 255, (48, 48, 3), dtype=np.uint8) for seed in range(2)]
    ranked = ranker.rank(sentences, Brief("c", "happy", 1), lambda: frames[0], 3)
    assert sorted(ranked) == sorted(sentences)
    assert ranked == ranker.rank(sentences, Brief("c", "happy", 1), lambda: frames[0], 3)
    texts, picture = ranker._embed(sentences, frames[0])
    assert texts.shape == (3, 8)
    assert np.linalg.norm(picture) == pytest.approx(1, abs=1e-4)
    assert not np.allclose(picture, ranker._embed(sentences, frames[1])[1])
    assert ranked[0] == sentences[int((texts @ picture).argmax())]


def test_nothing_in_nothing_out(ranker: ClipRanker) -> None:
    assert ranker.rank([], Brief("c", "sad", 1), never, 5) == []


def test_a_folder_without_a_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be loaded"):
        ClipRanker(str(tmp_path))
