"""How a person moves while saying something: lips, emotion, blinks, gaze, head. 25 frames a second, seeded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

from components.common.arkit import INDEX, WEIGHTS, sided
from components.common.artifacts import FPS
from components.common.eye_motion import ACTED, BlinkLaw, draw_eye_motion
from components.common.lip_gap import gap_vector, lip_gap
from components.synthetic.motion.emotions import EMOTION_FACES, Emotion
from components.synthetic.motion.visemes import Track, articulate
from components.synthetic.voice.sentences import LEVELS
from components.synthetic.voice.speech import Utterance

Array = NDArray[np.float64]

# Emotion shapes that yield while the mouth speaks.
_MOUTH = [
    INDEX[stem + s]
    for stem in (
        "mouthSmile",
        "mouthFrown",
        "mouthStretch",
        "mouthPress",
        "mouthUpperUp",
        "mouthLowerDown",
        "mouthDimple",
    )
    for s in ("Left", "Right")
] + [INDEX["mouthFunnel"], INDEX["jawOpen"], INDEX["mouthShrugLower"]]
# Emotion shapes that would keep the lips apart on p, b, m.
_LIP_OPENERS = [
    INDEX[stem + s] for stem in ("mouthUpperUp", "mouthLowerDown", "noseSneer") for s in ("Left", "Right")
] + [INDEX["mouthFunnel"]]
_ROUNDING = [INDEX["mouthPucker"], INDEX["mouthFunnel"]]
ROUNDING_LOST = 0.7  # share of the lips' rounding that a full smile takes: spread lips cannot protrude
YIELD_SECONDS = 0.3  # emotions yield to talking, not to each syllable: their muscles are slow
_RESTING: tuple[tuple[str, float], ...] = (  # spread of a person's resting face
    ("mouthSmile", 0.07), ("mouthFrown", 0.07), ("browDown", 0.08), ("browInnerUp", 0.07), ("browOuterUp", 0.06),
    ("eyeSquint", 0.07), ("eyeWide", 0.05), ("eyeBlink", 0.04), ("mouthPress", 0.05), ("cheekSquint", 0.05),
    ("mouthStretch", 0.04),
)  # fmt: skip


@dataclass(frozen=True)
class IdentityStyle:
    """A person's own way: a resting face, how far the jaw opens, how much the face and head move."""

    resting: NDArray[np.float64]  # (52,) weights of the face at rest
    jaw_gain: float = 1.0
    expression_gain: float = 1.0
    head_gain: float = 1.0

    @classmethod
    def plain(cls) -> IdentityStyle:
        return cls(np.zeros(WEIGHTS))

    @classmethod
    def sample(cls, seed: int) -> IdentityStyle:
        rng = np.random.default_rng([seed, 0x57])
        resting = np.zeros(WEIGHTS)
        for stem, spread in _RESTING:
            common = rng.normal(0, spread)
            for name in (stem,) if stem in INDEX else (stem + "Left", stem + "Right"):
                resting[INDEX[name]] = max(0.0, common + rng.normal(0, spread * 0.25))
        return cls(resting, rng.uniform(0.82, 1.18), rng.uniform(0.88, 1.12), rng.uniform(0.7, 1.3))


@dataclass(frozen=True)
class Performance:
    """weights (T, 52) in [0, 1], pose (T, 3) yaw, pitch, roll in rad, translation (T, 3) cm."""

    weights: NDArray[np.float64]
    pose: NDArray[np.float64]
    translation: NDArray[np.float64]


def perform(
    utterance: Utterance,
    emotion: str,
    intensity: int,
    seed: int,
    identity_style: IdentityStyle | None = None,
) -> Performance:
    """Act an utterance out with an emotion at intensity 1-3. The same arguments give the same motion."""
    style = identity_style or IdentityStyle.plain()
    face, level = EMOTION_FACES[emotion], LEVELS[intensity - 1]
    rng = np.random.default_rng([seed, 0xAC7])
    frames = utterance.frames
    times = (np.arange(frames) + 0.5) / FPS
    energy = 1 + face.energy * level

    track = articulate(utterance.phonemes, frames)
    speech = track.weights * energy * rng.uniform(0.94, 1.08)
    speech[:, INDEX["jawOpen"]] *= style.jaw_gain
    layer = _emotion_layer(face, level * style.expression_gain, track, times, rng)
    smile = np.clip(layer[:, sided("mouthSmile")].mean(1, keepdims=True), 0, 1)
    speech[:, _ROUNDING] *= 1 - ROUNDING_LOST * smile
    weights = speech + layer + style.resting

    nods = _stress_gestures(utterance, times, energy, weights, rng)
    pose, translation = _head_motion(face, level, energy * style.head_gain, nods, rng)
    ahead, center = np.zeros(2), np.array([0.0, face.gaze_y])
    draw_eye_motion(weights, pose[:, :2], ahead, center, _blink_law(face), ACTED, rng)
    weights = np.clip(weights, 0, 1)
    _close_lips(track, weights)
    _touch_teeth(track, weights)
    return Performance(weights, pose, translation)


def smooth_noise(rng: np.random.Generator, frames: int, seconds: float, spread: float) -> Array:
    """(T,) Ornstein-Uhlenbeck noise of a correlation time, smoothed over 9 frames."""
    decay = np.exp(-1 / FPS / seconds)
    shocks = rng.normal(0, spread, frames) * np.sqrt(1 - decay**2)
    shocks[0] /= np.sqrt(1 - decay**2)
    walk = lfilter([1.0], [1.0, -decay], shocks)
    kernel = np.hanning(9)
    return np.convolve(np.pad(walk, 4, "edge"), kernel / kernel.sum(), "valid")


def _emotion_layer(face: Emotion, level: float, track: Track, times: Array, rng: np.random.Generator) -> Array:
    """(T, 52) weights of the emotion: a fluctuating envelope, weaker around a speaking mouth, none against closures."""
    envelope = 1 + 0.10 * smooth_noise(rng, len(times), 0.8, 1.0)
    envelope *= np.clip((times + 0.15) / 0.35, 0.6, 1)
    layer = envelope[:, None] * face.vector * level  # (T, 52)
    opened = gaussian_filter1d(track.weights[:, INDEX["jawOpen"]], YIELD_SECONDS * FPS, mode="nearest")
    speaking = 1 - np.exp(-opened * 4)
    layer[:, _MOUTH] *= (1 - 0.35 * speaking)[:, None]
    closed = np.clip(track.bilabial / 0.7, 0, 1)
    layer[:, INDEX["jawOpen"]] *= 1 - closed
    layer[:, _LIP_OPENERS] *= (1 - 0.75 * closed)[:, None]
    return np.asarray(layer)


def _stress_gestures(
    utterance: Utterance, times: Array, energy: float, weights: Array, rng: np.random.Generator
) -> Array:
    """Brows flash (written into `weights`) and the head nods (returned, rad) on stressed syllables."""
    nods = np.zeros(len(times))
    for phoneme in utterance.phonemes:
        if "ˈ" not in phoneme.ipa or rng.random() >= 0.6:
            continue
        bump = np.exp(-0.5 * ((times - (phoneme.start + phoneme.end) / 2) / 0.10) ** 2)
        nods += bump * rng.uniform(0.01, 0.04) * energy
        if rng.random() < 0.35:
            for i in (*sided("browOuterUp"), INDEX["browInnerUp"]):
                weights[:, i] += 0.25 * bump
    return nods


def _head_motion(
    face: Emotion, level: float, energy: float, nods: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    frames = len(nods)
    sign = rng.choice([-1.0, 1.0])
    yaw, pitch, roll = face.pose
    pose = np.stack(
        [
            smooth_noise(rng, frames, 0.9, 0.075) * energy + sign * yaw * level,
            smooth_noise(rng, frames, 0.7, 0.040) * energy + pitch * level + nods,
            smooth_noise(rng, frames, 1.0, 0.030) * energy + sign * roll * level,
        ],
        -1,
    )
    spreads = ((1.2, 0.18), (1.2, 0.12), (1.5, 0.30))
    translation = np.stack([smooth_noise(rng, frames, tau, spread) for tau, spread in spreads], -1)
    return pose, translation


def _blink_law(face: Emotion) -> BlinkLaw:
    """Every clip blinks: the first time somewhere within the emotion's usual gap."""
    return BlinkLaw(lambda rng: rng.uniform(0.2, face.blink_gap), face.blink_gap)


def _close_lips(track: Track, weights: Array) -> None:
    """On p, b, m whatever gap is left is closed by mouthClose, at most as far as the jaw is open (as in ARKit)."""
    closed = np.clip(track.bilabial / 0.6, 0, 1)
    per_close = -gap_vector()[INDEX["mouthClose"]]
    left = np.maximum(lip_gap(weights), 0) / per_close
    weights[:, INDEX["mouthClose"]] = np.clip(left * closed, 0, weights[:, INDEX["jawOpen"]])


def _touch_teeth(track: Track, weights: Array) -> None:
    """On f, v the jaw rises until the rolled lower lip meets the upper teeth."""
    touching = np.clip(track.labiodental / 0.6, 0, 1)
    jaw = INDEX["jawOpen"]
    weights[:, jaw] = np.minimum(weights[:, jaw], 1 - touching * (1 - 0.10))
