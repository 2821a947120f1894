"""The bank of training texts: which texts a clip may be told with, and the phrases to classify."""

import numpy as np
import pytest

from components.annotate.vocabulary import emotion_phrases
from components.annotate.wordings import wordings
from components.common.artifacts import EMOTIONS
from components.style_e.texts import LEVELS, TEXT_LABELS, TextBank, build_text_bank, emotion_shares, text_label


class Counting:
    """A text encoder whose vectors tell which text they come from."""

    size = 4
    identity = ""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts):
        self.seen += texts
        vectors = np.random.default_rng(len(self.seen)).normal(size=(len(texts), 4)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def bank() -> TextBank:
    return build_text_bank(Counting(), ["He looks sad today.", "She is glad."])


def test_every_phrasing_and_wording_is_embedded_once():
    encoder = Counting()
    build_text_bank(encoder, ["one sentence", "one sentence"])
    assert len(encoder.seen) == len(set(encoder.seen))
    assert set(encoder.seen) >= {*emotion_phrases("angry", 3), *wordings("fear")[1], "one sentence"}


def test_a_clips_own_sentences_come_as_often_as_the_phrasings_of_its_label(bank):
    own = bank.rows["He looks sad today."]
    rows = bank.of("sad", 2, ["He looks sad today."])
    assert 0.4 < (rows == own).mean() < 0.6
    assert set(rows) - {own} == set(bank.classes["sad", 2])
    assert bank.of("", 0, ["She is glad."]).tolist() == [bank.rows["She is glad."]]  # footage without a label


def test_wordings_are_named_and_motion_meets_phrasings_alone(bank):
    wording = bank.rows[wordings("sad")[3][0]]
    assert wording in bank.named["sad", 3]
    assert wording not in bank.classes["sad", 3]
    for key, rows in bank.named.items():
        assert 0.15 < np.isin(rows, bank.classes[key]).mean() < 0.8


def test_labels_are_distinct_but_for_neutral():
    every = {(e, level): text_label(e, level) for e in EMOTIONS for level in LEVELS}
    assert len(set(every.values())) == TEXT_LABELS == 22
    assert {every["neutral", level] for level in LEVELS} == {0}


def test_drawn_phrases_come_with_their_labels_and_repeat(bank):
    vectors, labels = bank.draw_phrases(200, np.random.default_rng(0))
    again, _ = bank.draw_phrases(200, np.random.default_rng(0))
    np.testing.assert_array_equal(vectors, again)
    assert vectors.shape == (200, 4)
    for vector, number in zip(vectors[:20], labels[:20], strict=True):
        row = int(np.argmax(bank.vectors @ vector))
        assert any(row in bank.named[e, level] for e in EMOTIONS for level in LEVELS if text_label(e, level) == number)


def test_labels_are_summed_to_emotions():
    shares = np.arange(TEXT_LABELS, dtype=np.float32)
    emotions = emotion_shares(shares)
    assert emotions.shape == (8,)
    assert emotions[0] == 0
    assert emotions[EMOTIONS.index("sad")] == sum(text_label("sad", level) for level in LEVELS)
    assert emotions.sum() == shares.sum()
