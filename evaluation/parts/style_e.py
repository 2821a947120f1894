"""Style-E on its own: motion from speech and text against the true motion of sentences, voices and people never heard.

The truth comes from picture-free synthetic clips, where every phoneme's time is known. Axes: T frames at 25 fps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from components.annotate.vocabulary import emotion_phrases
from components.common.agreement import pearson
from components.common.arkit import INDEX, WEIGHTS, sided
from components.common.artifacts import EMOTIONS, FPS, Phoneme
from components.common.lip_gap import CLOSED, lip_gap
from components.common.runtime import seed_everything
from components.synthetic.motion.clips import SpokenMotion, picture_free_clips
from components.talker.pipeline import load_style_e
from evaluation.metrics.emotion import EmotionClassifier
from evaluation.metrics.temporal import jitter
from evaluation.metrics.wordings import held_out_wordings

Motion = NDArray[np.float32]  # (T, 58)

BILABIALS = frozenset("pbm")
BLINK_CLOSED = 0.55  # eyeBlink above which an eye counts as shut
FAR = 3  # frames from the next p, b, m at which lips should not close
CLASSIFIER_CLIPS = 288  # true motions that the emotion classifier learns from
CALM_CLIPS = 128  # drawn, of which the neutral eighth says the sentences whose emotion is in the text alone
WORDINGS = 4  # of each emotion, for the growth with intensity
LIP_STEMS = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRoll", "mouthStretch", "mouthLowerDown")
LIPS = [i for name, i in INDEX.items() if name.startswith((*LIP_STEMS, "mouthUpperUp", "mouthPress"))]


class SpeechToMotion(Protocol):
    """Style-E's call, as far as it is measured here."""

    def __call__(
        self, audio: NDArray[np.floating], text: str, reference: NDArray[np.floating], *, seed: int = 0
    ) -> Motion:
        """(T, 58) motion."""


def bilabial_frames(phonemes: Iterable[Phoneme], frames: int) -> list[int]:
    """Frame of the center of each p, b and m that lies within the clip."""
    centers = [(p.start + p.end) / 2 * FPS for p in phonemes if p.ipa.strip("ˈˌː")[:1] in BILABIALS]
    return [int(center) for center in centers if 0 <= int(center) < frames]


def closures(motion: Motion, phonemes: Iterable[Phoneme]) -> list[float]:
    """1 or 0 for each p, b, m: do the lips close (gap below 3 mm) within a frame of the sound's center?"""
    gap = lip_gap(motion)
    return [float(gap[max(0, f - 1) : f + 2].min() < CLOSED) for f in bilabial_frames(phonemes, len(gap))]


def false_closures(motion: Motion, truth: Motion, phonemes: Iterable[Phoneme]) -> list[float]:
    """1 or 0 for each frame far from p, b, m at which the true lips are open: are these closed?"""
    gap, true_gap = lip_gap(motion), lip_gap(truth)
    far = np.ones(len(gap), bool)
    for frame in bilabial_frames(phonemes, len(gap)):
        far[max(0, frame - FAR) : frame + FAR + 1] = False
    return [float(gap[t] < CLOSED) for t in np.flatnonzero(far & (true_gap >= CLOSED))]


def blink_rate(motion: Motion) -> float:
    """Blinks a second: how often both lids go from open to shut."""
    shut = motion[:, sided("eyeBlink")].mean(1) > BLINK_CLOSED
    return float((shut[1:] & ~shut[:-1]).sum() / (len(motion) / FPS))


@dataclass(frozen=True)
class IntensityScale:
    """How strongly a motion shows an emotion: mean weights along the way from neutral to the emotion's level 3."""

    neutral: NDArray[np.float64]  # (52,)
    ways: dict[str, NDArray[np.float64]]  # (52,) from neutral to full strength

    @classmethod
    def fit(cls, clips: Sequence[SpokenMotion]) -> IntensityScale:
        """From true motions of every emotion at every level."""

        def mean(emotion: str, levels: tuple[int, ...]) -> NDArray[np.float64]:
            means = [
                c.coefficients[:, :WEIGHTS].mean(0) for c in clips if c.emotion == emotion and c.intensity in levels
            ]
            return np.asarray(np.mean(means, 0), np.float64)

        neutral = mean("neutral", (1, 2, 3))
        ways = {emotion: mean(emotion, (3,)) - neutral for emotion in EMOTIONS if emotion != "neutral"}
        return cls(neutral, ways)

    def measure(self, motion: Motion, emotion: str) -> float:
        """0 for neutral, 1 for the mean of the emotion's level 3."""
        way = self.ways[emotion]
        return float((motion[:, :WEIGHTS].mean(0) - self.neutral) @ way / (way @ way))


def measure_style_e(
    model: SpeechToMotion, sentences: int, seed: int = 0, classifier_clips: int = CLASSIFIER_CLIPS
) -> dict[str, list[float]]:
    """One value per measured case under each metric's name; the metric is their mean.

    model: a `StyleEPipeline`. sentences: how many unseen sentences are spoken (emotions and intensities balanced).
    classifier_clips: true motions that the emotion classifier learns from.
    """
    truth = picture_free_clips(classifier_clips, seed + 1)
    classifier = EmotionClassifier.fit([c.coefficients for c in truth], [c.emotion for c in truth])
    # Whether the text decides shows on calm voices: nothing but the words can tell the emotion.
    calm = [c for c in picture_free_clips(CALM_CLIPS, seed + 2, sentences="test") if c.emotion == "neutral"]
    scale = IntensityScale.fit(truth)
    figures = {
        **_sentence_figures(model, picture_free_clips(sentences, seed, sentences="test"), classifier),
        **_unseen_wordings(model, calm, classifier, scale),
        "intensity_monotone": _growth(model, calm, scale),
    }
    return {f"style_e/{name}": values for name, values in figures.items()}


def _sentence_figures(
    model: SpeechToMotion, clips: Sequence[SpokenMotion], classifier: EmotionClassifier
) -> dict[str, list[float]]:
    """Generated against true motion, sentence by sentence."""
    jaw = INDEX["jawOpen"]
    true_jitter = float(np.mean([jitter(clip.coefficients[:, LIPS]) for clip in clips]))
    figures: dict[str, list[float]] = {}
    for i, clip in enumerate(clips):
        motion = model(clip.audio, _pick(emotion_phrases(clip.emotion, clip.intensity), i), clip.reference, seed=i)
        true = clip.coefficients
        values = {
            "jaw_open_correlation": [pearson(motion[:, jaw], true[:, jaw])],
            "lip_gap_correlation": [pearson(lip_gap(motion), lip_gap(true))],
            "closure_rate": closures(motion, clip.phonemes),
            "false_closure_rate": false_closures(motion, true, clip.phonemes),
            "emotion_accuracy": [float(classifier.predict(motion) == clip.emotion)],
            "jitter_ratio": [jitter(motion[:, LIPS]) / true_jitter],
            "blinks_per_second": [blink_rate(motion)],
        }
        for name, numbers in values.items():
            figures.setdefault(name, []).extend(numbers)
    return figures


def _unseen_wordings(
    model: SpeechToMotion, calm: Sequence[SpokenMotion], classifier: EmotionClassifier, scale: IntensityScale
) -> dict[str, list[float]]:
    """Wordings that occur nowhere in training: 1 or 0, is its emotion shown, and how strongly (neutral has none)."""
    shown, strengths = [], []
    every = [(e, text) for e, kinds in held_out_wordings().items() for texts in kinds.values() for text in texts]
    for i, (emotion, text) in enumerate(every):
        clip = calm[i % len(calm)]
        motion = model(clip.audio, text, clip.reference, seed=i)
        shown.append(float(classifier.predict(motion) == emotion))
        if emotion in scale.ways:
            strengths.append(scale.measure(motion, emotion))
    return {"emotion_accuracy_unseen_wording": shown, "emotion_strength_unseen_wording": strengths}


def _growth(model: SpeechToMotion, calm: Sequence[SpokenMotion], scale: IntensityScale) -> list[float]:
    """1 or 0 for `WORDINGS` wordings of each emotion: does the expression grow from level 1 over 2 to 3?"""
    grows = []
    for number, emotion in enumerate(emotion for emotion in scale.ways for _ in range(WORDINGS)):
        clip = calm[number % len(calm)]
        phrases = [_pick(emotion_phrases(emotion, level), number) for level in (1, 2, 3)]
        motions = [model(clip.audio, phrase, clip.reference, seed=number % WORDINGS) for phrase in phrases]
        mild, medium, strong = (scale.measure(motion, emotion) for motion in motions)
        grows.append(float(mild < medium < strong))
    return grows


def _pick(phrases: Sequence[str], number: int) -> str:
    """The phrase of a number: far apart in the list for neighboring numbers."""
    return phrases[(7 * number) % len(phrases)]


@dataclass(frozen=True)
class StyleEJob:
    """Style-E alone, from its folder."""

    model: Path
    sentences: int
    seed: int

    def run(self) -> dict[str, list[float]]:
        """Metric -> a value for each case."""
        seed_everything(self.seed)
        return measure_style_e(load_style_e(self.model), self.sentences, self.seed)
