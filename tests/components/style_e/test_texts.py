"""The bank of training texts: which texts a clip may be told with, and the phrases to classify."""

import numpy as np
import pytest

from components.annotate.vocabulary import emotion_phrases, held_out_phrases
from components.common.artifacts import EMOTIONS
from components.style_e.texts import LEVELS, TEXT_LABELS, TextBank, build_text_bank, text_label


class Counting:
    """A text encoder whose vectors tell which text they come from."""

    size = 4

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts):
        self.seen += texts
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), 4)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def bank() -> TextBank:
    return build_text_bank(Counting(), ["He looks sad today.", "She is glad."])


def test_every_phrasing_is_embedded_once_and_no_held_out_one_is():
    encoder = Counting()
    build_text_bank(encoder, ["one sentence", "one sentence"])
    assert len(encoder.seen) == len(set(encoder.seen))
    assert set(encoder.seen) >= set(emotion_phrases("angry", 3)) | {"one sentence"}
    assert not set(encoder.seen) & {phrase for emotion in EMOTIONS for phrase in held_out_phrases(emotion)}


def test_a_clips_own_sentences_come_as_often_as_the_phrasings_of_its_label(bank):
    own = bank.rows["He looks sad today."]
    rows = bank.of("sad", 2, ["He looks sad today."])
    assert 0.4 < (rows == own).mean() < 0.6
    assert set(rows) - {own} == set(bank.classes["sad", 2])
    assert bank.of("", 0, ["She is glad."]).tolist() == [bank.rows["She is glad."]]  # footage without a label


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
        assert any(
            row in bank.classes[e, level] for e in EMOTIONS for level in LEVELS if text_label(e, level) == number
        )


def test_prototypes_are_unit_means_by_emotion(bank):
    prototypes = bank.prototypes()
    assert prototypes.shape == (8, 4)
    np.testing.assert_allclose(np.linalg.norm(prototypes, axis=1), 1, atol=1e-6)
