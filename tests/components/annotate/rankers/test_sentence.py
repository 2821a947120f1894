from __future__ import annotations

import pytest

from components.annotate.brief import Brief
from components.annotate.rankers.sentence import SentenceRanker
from components.common.media import Image


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
