"""Clips without pictures: balanced, reproducible, train and test apart."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from components.common.artifacts import EMOTIONS, FPS, SAMPLE_RATE
from components.synthetic.motion.clips import picture_free_clips
from components.synthetic.voice.sentences import TEST_SENTENCES


def test_swapped_prosody_leaves_the_face_to_the_emotion() -> None:
    swapped = picture_free_clips(16, seed=1, prosody_swap=1.0)
    assert any(clip.voice_emotion != clip.emotion for clip in swapped)
    assert {clip.emotion for clip in swapped} == set(EMOTIONS)
    assert all(clip.coefficients.shape == (75, 58) and len(clip.audio) == 48_000 for clip in swapped)
    assert all(clip.reference.shape == (58,) for clip in swapped)


def test_emotions_and_intensities_come_in_turn() -> None:
    clips = picture_free_clips(24, seed=0, seconds=0.4)
    assert Counter(clip.emotion for clip in clips) == dict.fromkeys(EMOTIONS, 3)
    assert {(clip.emotion, clip.intensity) for clip in clips} == {(e, i) for e in EMOTIONS for i in (1, 2, 3)}
    assert all(clip.voice_emotion == clip.emotion for clip in clips)


def test_a_clip_depends_on_seed_and_place_alone() -> None:
    short, long = picture_free_clips(2, seed=4, seconds=0.4), picture_free_clips(3, seed=4, seconds=0.4)
    for one, two in zip(short, long, strict=False):
        assert one.text == two.text
        np.testing.assert_array_equal(one.coefficients, two.coefficients)
        np.testing.assert_array_equal(one.audio, two.audio)
    assert picture_free_clips(1, seed=5, seconds=0.4)[0].text != short[0].text


def test_test_clips_are_of_other_people_who_say_other_things() -> None:
    train = picture_free_clips(8, seed=0, seconds=0.4)
    test = picture_free_clips(8, seed=0, sentences="test", seconds=0.4)
    assert {clip.text for clip in test} <= set(TEST_SENTENCES)
    assert not {clip.text for clip in train} & set(TEST_SENTENCES)
    assert not {clip.identity for clip in train} & {clip.identity for clip in test}


@pytest.mark.parametrize("seconds", [0.4, None])
def test_sound_and_motion_are_of_one_length(seconds: float | None) -> None:
    [clip] = picture_free_clips(1, seed=1, seconds=seconds)
    assert len(clip.coefficients) == round(len(clip.audio) / SAMPLE_RATE * FPS)
    assert seconds is None or len(clip.coefficients) == round(seconds * FPS)
