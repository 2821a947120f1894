from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.annotate.brief import Brief
from components.annotate.rankers.base import choose_diverse, load_ranker
from components.annotate.rankers.clip import ClipRanker
from components.annotate.rankers.sentence import SentenceRanker
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import Annotate
from tests.components.annotate.tiny_models import save_tiny_clip


def never() -> Image:
    raise AssertionError("this ranker does not look at frames")


@pytest.fixture(scope="module")
def ranker() -> SentenceRanker:
    return SentenceRanker()


def test_the_clips_own_emotion_comes_first(ranker: SentenceRanker) -> None:
    sentences = ["He is furious.", "She is crying with grief.", "The man beams with joy.", "A chair stands there."]
    for emotion, best in (("angry", 0), ("sad", 1), ("happy", 2)):
        assert ranker.rank(sentences, Brief("c", emotion, 3), never, 1) == [sentences[best]]


def test_strength_decides_between_sentences_of_one_emotion(ranker: SentenceRanker) -> None:
    sentences = ["He is slightly angry.", "He is extremely furious."]
    assert ranker.rank(sentences, Brief("c", "angry", 1), never, 2)[0] == sentences[0]
    assert ranker.rank(sentences, Brief("c", "angry", 3), never, 2)[0] == sentences[1]


def test_nothing_in_nothing_out(ranker: SentenceRanker) -> None:
    assert ranker.rank([], Brief("c", "sad", 1), never, 5) == []


def test_diversity_prefers_what_is_new() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    relevance = np.array([0.9, 0.89, 0.6])
    assert choose_diverse(relevance, vectors, 2, diversity=0.5) == [0, 2]
    assert choose_diverse(relevance, vectors, 2, diversity=0.0) == [0, 1]
    assert choose_diverse(relevance, vectors, 9, diversity=0.5) == [0, 2, 1]


def test_clip_ranker_looks_at_the_frame(tmp_path: Path) -> None:
    save_tiny_clip(tmp_path)
    ranker = load_ranker(Annotate(ranker="clip", clip_model=str(tmp_path)))
    sentences = ["a happy man", "the sad woman is a face", "angry"]
    frames = [np.random.default_rng(seed).integers(0, 255, (48, 48, 3), dtype=np.uint8) for seed in range(2)]
    ranked = ranker.rank(sentences, Brief("c", "happy", 1), lambda: frames[0], 3)
    assert sorted(ranked) == sorted(sentences)
    assert ranked == ranker.rank(sentences, Brief("c", "happy", 1), lambda: frames[0], 3)
    assert isinstance(ranker, ClipRanker)
    texts, picture = ranker._embed(sentences, frames[0])
    assert texts.shape == (3, 8)
    assert np.linalg.norm(picture) == pytest.approx(1, abs=1e-4)
    assert not np.allclose(picture, ranker._embed(sentences, frames[1])[1])


def test_a_ranker_without_its_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="clip_model"):
        load_ranker(Annotate(ranker="clip"))
    with pytest.raises(UserError, match="cannot be loaded"):
        ClipRanker(str(tmp_path))
