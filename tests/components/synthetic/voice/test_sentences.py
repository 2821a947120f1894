"""What is said and how: unseen sentences stay unseen, prosody grows with the intensity."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.artifacts import EMOTIONS
from components.synthetic.voice.sentences import (
    HELD_OUT_VOICES,
    LEVELS,
    PROSODY,
    TEST_SENTENCES,
    TEST_VOICES,
    TRAIN_SENTENCES,
    TRAIN_VOICES,
    VOICES,
    grammar_sentence,
    prosody,
)


def test_training_and_test_material_never_meet() -> None:
    assert not set(TRAIN_SENTENCES) & set(TEST_SENTENCES)
    assert not set(TRAIN_VOICES) & set(TEST_VOICES)
    rng = np.random.default_rng(0)
    invented = {grammar_sentence(rng) for _ in range(200)}
    assert len(invented) > 190
    assert all(s[0].isupper() and s[-1] in ".?" for s in invented)


def test_each_sex_has_unseen_voices() -> None:
    for voices in VOICES.values():
        assert len(set(voices)) == len(voices)
        assert len(set(voices) & set(TEST_VOICES)) == HELD_OUT_VOICES
        assert len(set(voices) & set(TRAIN_VOICES)) == len(voices) - HELD_OUT_VOICES


def test_every_emotion_has_a_prosody_that_grows_with_its_intensity() -> None:
    assert tuple(PROSODY) == EMOTIONS
    assert sorted(LEVELS) == list(LEVELS)
    assert prosody("neutral", 3) == prosody("neutral", 1)
    neutral = PROSODY["neutral"]
    for emotion in EMOTIONS[1:]:
        rates = [abs(prosody(emotion, level).rate - neutral.rate) for level in (1, 2, 3)]
        assert rates == sorted(rates)
        assert prosody(emotion, 3) == PROSODY[emotion]
    assert neutral.toward(PROSODY["sad"], 0.5).pitch == pytest.approx((neutral.pitch + PROSODY["sad"].pitch) / 2)


def test_the_grammar_repeats_with_its_seed_and_fills_the_lips() -> None:
    one, two = ([grammar_sentence(np.random.default_rng(seed)) for seed in range(20)] for _ in range(2))
    assert one == two
    assert np.mean([any(letter in sentence for letter in "pbmfvw") for sentence in one]) > 0.9
