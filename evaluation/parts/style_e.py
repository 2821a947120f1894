"""Style-E on its own: motion from speech and text against the true motion of sentences, voices and people never heard.

The truth comes from picture-free synthetic clips, where every phoneme's time is known. Axes: T frames at 25 fps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from components.annotate.vocabulary import emotion_phrases, held_out_phrases
from components.common.arkit import INDEX, WEIGHTS, sided
from components.common.artifacts import EMOTIONS, FPS, SAMPLE_RATE, Phoneme
from components.common.lip_gap import CLOSED, lip_gap
from components.synthetic.motion.clips import SpokenMotion, picture_free_clips
from evaluation.metrics.emotion import EmotionReader
from evaluation.metrics.landmarks import correlation
from evaluation.metrics.temporal import jitter

Motion = NDArray[np.float32]  # (T, 58)

BILABIALS = frozenset("pbm")
BLINK_CLOSED = 0.55  # eyeBlink above which an eye counts as shut
FAR = 3  # frames from the next p, b, m at which lips should not close
READER_CLIPS = 288
VOWELS_HZ = (300.0, 3000.0)
LIP_STEMS = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRoll", "mouthStretch", "mouthLowerDown")
LIPS = [i for name, i in INDEX.items() if name.startswith((*LIP_STEMS, "mouthUpperUp", "mouthPress"))]


class Talker(Protocol):
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


def loudness(audio: NDArray[np.floating], frames: int) -> NDArray[np.float64]:
    """(T,) level of each video frame between 300 and 3000 Hz, dB below the loud frames, not under -40.

    That band holds the vowels. Hiss (s, sh) lies above it: loud, though the mouth is nearly shut.
    """
    size = SAMPLE_RATE // FPS
    wave = np.pad(np.asarray(audio, np.float64), (0, max(0, frames * size - len(audio))))[: frames * size]
    spectrum, hertz = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    spectrum[(hertz < VOWELS_HZ[0]) | (hertz > VOWELS_HZ[1])] = 0
    wave = np.fft.irfft(spectrum, len(wave))
    power = (wave.reshape(frames, size) ** 2).mean(1)
    return np.asarray(np.maximum(10 * np.log10(power / max(np.quantile(power, 0.95), 1e-12) + 1e-4), -40.0))


def loudness_correlation(motion: Motion, audio: NDArray[np.floating]) -> float:
    """Correlation over time of the lip gap with the level in dB: without truth, the least that lips must do."""
    frames = min(len(motion), round(len(audio) / SAMPLE_RATE * FPS))
    return correlation(lip_gap(motion)[:frames], loudness(audio, frames))


@dataclass(frozen=True)
class IntensityScale:
    """How strongly a motion shows an emotion: mean weights along the way from neutral to the emotion's level 3."""

    neutral: NDArray[np.float64]  # (52,)
    directions: dict[str, NDArray[np.float64]]  # (52,) unit vectors

    @classmethod
    def fit(cls, clips: Sequence[SpokenMotion]) -> IntensityScale:
        def mean(emotion: str, levels: tuple[int, ...]) -> NDArray[np.float64]:
            rows = [
                c.coefficients[:, :WEIGHTS].mean(0) for c in clips if c.emotion == emotion and c.intensity in levels
            ]
            return np.asarray(np.mean(rows, 0), np.float64)

        neutral = mean("neutral", (1, 2, 3))
        ways = {emotion: mean(emotion, (3,)) - neutral for emotion in EMOTIONS if emotion != "neutral"}
        return cls(neutral, {emotion: way / np.linalg.norm(way) for emotion, way in ways.items()})

    def measure(self, motion: Motion, emotion: str) -> float:
        return float((motion[:, :WEIGHTS].mean(0) - self.neutral) @ self.directions[emotion])


def measure_style_e(
    talker: Talker, sentences: int, seed: int = 0, reader_clips: int = READER_CLIPS
) -> dict[str, list[float]]:
    """One value per measured case under each metric's name; the metric is their mean.

    talker: a `StyleEPipeline`. sentences: how many unseen sentences are spoken (emotions and intensities balanced).
    reader_clips: true motions that the emotion reader learns from.
    """
    truth = picture_free_clips(reader_clips, seed + 1)
    reader = EmotionReader.fit([c.coefficients for c in truth], [c.emotion for c in truth])
    scale = IntensityScale.fit(truth)
    clips = picture_free_clips(sentences, seed, sentences="test")
    values: dict[str, list[float]] = {}

    def add(name: str, *numbers: float) -> None:
        values.setdefault(f"style_e/{name}", []).extend(numbers)

    jaw = INDEX["jawOpen"]
    true_jitter = float(np.mean([jitter(clip.coefficients[:, LIPS]) for clip in clips]))
    for i, clip in enumerate(clips):
        motion = talker(clip.audio, _pick(emotion_phrases(clip.emotion, clip.intensity), i), clip.reference, seed=i)
        true = clip.coefficients
        add("jaw_open_correlation", correlation(motion[:, jaw], true[:, jaw]))
        add("lip_gap_correlation", correlation(lip_gap(motion), lip_gap(true)))
        add("closure_rate", *closures(motion, clip.phonemes))
        add("false_closure_rate", *false_closures(motion, true, clip.phonemes))
        add("emotion_accuracy", float(reader.read(motion) == clip.emotion))
        add("jitter_ratio", jitter(motion[:, LIPS]) / true_jitter)
        add("blinks_per_second", blink_rate(motion))

    # Whether the text decides shows on calm voices: nothing but the words can tell the emotion.
    calm = [c for c in picture_free_clips(8 * 16, seed + 2, sentences="test") if c.emotion == "neutral"]
    for i, (emotion, words) in enumerate((e, w) for e in EMOTIONS for w in held_out_phrases(e)):
        clip = calm[i % len(calm)]
        shown = reader.read(talker(clip.audio, words, clip.reference, seed=i))
        add("emotion_accuracy_unseen_wording", float(shown == emotion))
    for i, emotion in enumerate(scale.directions):
        for k in range(4):
            clip, wording = calm[(4 * i + k) % len(calm)], 4 * i + k
            strengths = [
                scale.measure(
                    talker(clip.audio, _pick(emotion_phrases(emotion, level), wording), clip.reference, seed=k), emotion
                )
                for level in (1, 2, 3)
            ]
            add("intensity_monotone", float(strengths[0] < strengths[1] < strengths[2]))
    return values


def _pick(phrases: Sequence[str], number: int) -> str:
    """The phrase of a number: far apart in the list for neighboring numbers."""
    return phrases[(7 * number) % len(phrases)]
