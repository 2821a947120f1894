"""The emotion of footage without a label: the nearest prototype in action units, with a word from the voice.

Prototypes after EMFACS (Ekman and Friesen, 1983; Matsumoto et al., "Facial expressions of emotion", 2008). Contempt is
the one-sided expression, so it is told by the difference between the two sides. From the face alone it names 26 of 32
clips of rendered people whom the regressor never saw (its constants were tuned on them), and all 32 of true motion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.annotate.action_units import UNITS, unit_sides
from components.common.artifacts import EMOTIONS

ASYMMETRY = ("AU2", "AU4", "AU6", "AU12", "AU14")  # units whose difference between the sides is a feature of its own
ASYMMETRY_GAIN = 2.0  # recovered sides differ about half as much as true ones
PROTOTYPES: dict[str, Mapping[str, float]] = {
    "happy": {"AU12": 1.0, "AU6": 0.8, "AU7": 0.3},
    "sad": {"AU15": 1.0, "AU1": 1.0, "AU17": 0.4, "AU43": 0.3},
    "angry": {"AU4": 1.0, "AU7": 0.4, "AU24": 0.5, "AU15": 0.4, "AU9": 0.3},
    "fear": {"AU5": 1.0, "AU1": 1.0, "AU20": 0.9, "AU2": 0.3, "AU4": 0.3, "AU26": -0.3},
    "surprised": {"AU2": 1.0, "AU1": 0.8, "AU5": 1.0, "AU26": 0.6, "AU20": -0.3, "AU4": -0.3},
    "disgusted": {"AU9": 1.0, "AU10": 0.8, "AU4": 0.5, "AU7": 0.6, "AU6": 0.5, "AU15": 0.4},
    "contempt": {"AU12 side": 1.0, "AU14 side": 0.7, "AU2 side": 1.0, "AU4 side": 0.6, "AU6 side": 0.4, "AU43": 0.3},
}
EXCITEMENT: dict[str, float] = {  # how the voice of an emotion departs from the speaker's usual one
    "happy": 0.6,
    "sad": -1.0,
    "angry": 0.8,
    "fear": 0.7,
    "surprised": 1.0,
    "disgusted": -0.5,
    "contempt": -0.4,
}
VOICE = 0.1  # weight of the voice against the face's cosine
FAINTEST = 0.14  # strength below which a face is neutral
STRENGTHS = (0.42, 0.66)  # bounds between the three intensities


@dataclass(frozen=True)
class RecognizedEmotion:
    """emotion: one of `EMOTIONS`; intensity 1-3; strength: how far the face goes toward the prototype, about 0-1."""

    emotion: str
    intensity: int
    strength: float


def recognize(coefficients: NDArray[np.floating], valid: NDArray[np.bool_], arousal: float = 0.0) -> RecognizedEmotion:
    """Emotion of a clip from its coefficients (T, 58) above rest (`calibration.above_rest`) and its voice's arousal."""
    face = _features(unit_sides(coefficients, valid))
    length = float(np.linalg.norm(face))
    best, best_score, strength = "neutral", -np.inf, 0.0
    for emotion in EMOTIONS:
        if emotion not in PROTOTYPES:
            continue
        prototype = _prototype(emotion)
        cosine = float(face @ prototype) / max(length * float(np.linalg.norm(prototype)), 1e-9)
        score = cosine + VOICE * float(np.clip(arousal, -2, 2)) * EXCITEMENT[emotion]
        if score > best_score:
            best, best_score = emotion, score
            strength = float(face @ prototype) / float(prototype @ prototype)
    if strength < FAINTEST:
        return RecognizedEmotion("neutral", 1, strength)
    return RecognizedEmotion(best, 1 + sum(strength >= bound for bound in STRENGTHS), strength)


_NAMES = (*UNITS, *(f"{unit} side" for unit in ASYMMETRY))


def _features(sides: Mapping[str, tuple[float, float]]) -> NDArray[np.float64]:
    common = [(left + right) / 2 for left, right in sides.values()]
    apart = [ASYMMETRY_GAIN * abs(sides[unit][0] - sides[unit][1]) for unit in ASYMMETRY]
    listed = {name for prototype in PROTOTYPES.values() for name in prototype}
    used = np.array([name in listed for name in _NAMES])
    return np.where(used, np.array([*common, *apart]), 0.0)


def _prototype(emotion: str) -> NDArray[np.float64]:
    return np.array([PROTOTYPES[emotion].get(name, 0.0) for name in _NAMES])
