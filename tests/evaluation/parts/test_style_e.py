"""Measures of Style-E: checked on motion whose answer is known, and on the truth itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from components.common.arkit import INDEX
from components.common.artifacts import EMOTIONS, Phoneme
from components.synthetic.motion.clips import SpokenMotion, picture_free_clips
from evaluation.parts import style_e


def motion(frames: int = 50) -> np.ndarray:
    rows = np.zeros((frames, 58), np.float32)
    rows[:, INDEX["jawOpen"]] = 0.5
    return rows


def test_closures_are_counted_at_the_sounds_centers() -> None:
    rows = motion()
    sounds = (Phoneme(0.38, 0.42, "p"), Phoneme(0.98, 1.02, "ˈb"), Phoneme(1.2, 1.3, "a"))
    rows[11, INDEX["jawOpen"]] = 0  # one frame beside the first center
    assert style_e.bilabial_frames(sounds, 50) == [10, 25]
    assert style_e.closures(rows, sounds) == [1.0, 0.0]
    rows[40, INDEX["jawOpen"]] = 0
    wrong = style_e.false_closures(rows, motion(), sounds)
    assert sum(wrong) == 1
    assert len(wrong) == 50 - 2 * 7


def test_blinks_are_counted_once_each() -> None:
    rows = motion(100)
    for start in (10, 40, 80):
        rows[start : start + 4, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
    assert style_e.blink_rate(rows) == pytest.approx(3 / 4)


def test_sounds_outside_the_clip_do_not_count() -> None:
    sounds = (Phoneme(-0.2, -0.1, "p"), Phoneme(1.9, 2.2, "b"), Phoneme(1.94, 1.98, "ˌm"))
    assert style_e.bilabial_frames(sounds, 50) == [49]
    assert style_e.closures(motion(), ()) == []


def spoken(emotion: str, intensity: int, weight: float) -> SpokenMotion:
    """A still clip that shows one weight."""
    rows = np.zeros((4, 58), np.float32)
    rows[:, 0] = weight
    fields = {"coefficients": rows, "emotion": emotion, "intensity": intensity}
    return SimpleNamespace(**fields)  # type: ignore[return-value]  # all that the scale reads


def test_the_intensity_scale_grows_along_the_emotions_way() -> None:
    clips = [spoken("neutral", 1, 0.1), *(spoken(e, 3, 0.6) for e in EMOTIONS if e != "neutral")]
    scale = style_e.IntensityScale.fit(clips)
    assert scale.measure(clips[0].coefficients, "happy") == pytest.approx(0, abs=1e-6)
    assert scale.measure(clips[1].coefficients, "happy") == pytest.approx(1)
    assert scale.measure(spoken("sad", 2, 0.35).coefficients, "sad") == pytest.approx(0.5)
    assert "neutral" not in scale.ways


class Oracle:
    """Knows the true motion of every test clip by its sound; does not hear the text."""

    def __init__(self, seed: int, sentences: int) -> None:
        clips = [*picture_free_clips(sentences, seed, sentences="test"), *picture_free_clips(128, 2, sentences="test")]
        self.motions = {clip.audio.tobytes(): clip.coefficients for clip in clips}

    def __call__(self, audio, text, reference, *, seed=0):
        return self.motions[audio.tobytes()]


def test_the_truth_scores_as_it_should() -> None:
    figures = style_e.measure_style_e(Oracle(0, 24), 24, 0, classifier_clips=96)
    means = {name: float(np.mean(v)) for name, v in figures.items()}
    assert means["style_e/jaw_open_correlation"] == pytest.approx(1)
    assert means["style_e/closure_rate"] > 0.95
    assert means["style_e/false_closure_rate"] == 0
    assert means["style_e/emotion_accuracy"] > 0.9
    assert means["style_e/jitter_ratio"] == pytest.approx(1)
    assert 0.15 < means["style_e/blinks_per_second"] < 0.7
    # Deaf to the text, its calm clips read as one emotion of eight and never grow.
    assert means["style_e/emotion_accuracy_unseen_wording"] < 0.3
    assert means["style_e/emotion_strength_unseen_wording"] < 0.2
    assert means["style_e/intensity_monotone"] == 0
