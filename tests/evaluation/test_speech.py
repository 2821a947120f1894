"""Measures of Style-E: checked on motion whose answer is known, and on the truth itself."""

import numpy as np
import pytest

from components.common.arkit import INDEX
from components.common.artifacts import Phoneme
from components.synthetic.motion.clips import picture_free_clips
from evaluation.parts import style_e


def motion(frames: int = 50) -> np.ndarray:
    rows = np.zeros((frames, 58), np.float32)
    rows[:, INDEX["jawOpen"]] = 0.5
    return rows


def test_closures_are_counted_at_the_sounds_centers():
    rows = motion()
    sounds = (Phoneme(0.38, 0.42, "p"), Phoneme(0.98, 1.02, "ˈb"), Phoneme(1.2, 1.3, "a"))
    rows[11, INDEX["jawOpen"]] = 0  # one frame beside the first center
    assert style_e.bilabial_frames(sounds, 50) == [10, 25]
    assert style_e.closures(rows, sounds) == [1.0, 0.0]
    rows[40, INDEX["jawOpen"]] = 0
    false = style_e.false_closures(rows, motion(), sounds)
    assert sum(false) == 1
    assert len(false) == 50 - 2 * 7


def test_blinks_are_counted_once_each():
    rows = motion(100)
    for start in (10, 40, 80):
        rows[start : start + 4, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
    assert style_e.blink_rate(rows) == pytest.approx(3 / 4)


def test_loudness_correlation_finds_the_right_sound():
    clips = picture_free_clips(2, 5, sentences="test")
    right = style_e.loudness_correlation(clips[0].coefficients, clips[0].audio)
    wrong = style_e.loudness_correlation(clips[0].coefficients, clips[1].audio)
    assert right > 0.4 > wrong


class Oracle:
    """Knows the true motion of every test clip by its sound; does not hear the text."""

    def __init__(self, seed: int, sentences: int) -> None:
        clips = [*picture_free_clips(sentences, seed, sentences="test"), *picture_free_clips(128, 2, sentences="test")]
        self.motions = {clip.audio.tobytes(): clip.coefficients for clip in clips}

    def __call__(self, audio, text, reference, *, seed=0):
        return self.motions[audio.tobytes()]


def test_the_truth_scores_as_it_should():
    measured = style_e.measure_style_e(Oracle(0, 24), 24, 0, reader_clips=96)
    means = {name: float(np.mean(v)) for name, v in measured.items()}
    assert means["style_e/jaw_open_correlation"] == pytest.approx(1)
    assert means["style_e/closure_rate"] > 0.95
    assert means["style_e/false_closure_rate"] == 0
    assert means["style_e/emotion_accuracy"] > 0.9
    assert means["style_e/jitter_ratio"] == pytest.approx(1)
    assert 0.15 < means["style_e/blinks_per_second"] < 0.7
    # Deaf to the text, its calm clips read as one emotion of eight and never grow.
    assert means["style_e/emotion_accuracy_unseen_wording"] < 0.3
    assert means["style_e/intensity_monotone"] == 0
