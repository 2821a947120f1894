"""What Style-E learns of the 58 coefficients: 44 weights and the head's offset from its resting pose.

Blinks and gaze are left out: they are random events that a few diffusion steps smear into half-closed lids, so
`eye_motion` draws them instead. Of the lids only the slow part is learned (a sad face's lowered lids).
Axes: T frames, C = 50 channels: 44 weights, then yaw, pitch, roll (rad), tx, ty (eye distances), log scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import ARKIT_NAMES, INDEX, POSE, WEIGHTS, sided

Array = NDArray[np.float32]

LEARNED_NAMES: tuple[str, ...] = tuple(name for name in ARKIT_NAMES if not name.startswith("eyeLook"))
LEARNED = np.array([INDEX[name] for name in LEARNED_NAMES])  # (44,) places in the 58
REFERENCE = len(LEARNED_NAMES)  # 44
JAW = LEARNED_NAMES.index("jawOpen")
MOST_GAIN = 1.4  # of a timid jaw
CHANNELS = REFERENCE + 6  # 50
OFFSET = slice(REFERENCE, CHANNELS)

# Shapes that form speech sounds. They follow the audio closely: never smoothed, and scaled by the lip knob.
_SPEECH_STEMS = (
    "jaw",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRoll",
    "mouthShrug",
    "mouthPress",
    "mouthStretch",
    "mouthLowerDown",
    "mouthUpperUp",
    "tongueOut",
)
SPEECH: NDArray[np.bool_] = np.array([name.startswith(_SPEECH_STEMS) for name in LEARNED_NAMES] + [False] * 6)  # (C,)

BLINK_SPAN = 13  # frames: lid events shorter than this (0.52 s) are blinks
_SCALE = POSE.start + 5


def to_channels(coefficients: NDArray[np.floating], rest: NDArray[np.floating]) -> Array:
    """Coefficients to what is learned: (T, 58) -> (T, 50).

    rest: (6,) of `calibration.resting_pose`. Translations become eye distances, so that they carry over to a portrait
    of any framing.
    """
    # Scipy's morphology: an opening takes short peaks away, a closing fills short dips.
    from scipy.ndimage import grey_closing, grey_opening

    weights = np.array(coefficients[:, :WEIGHTS], np.float32)  # (T, 52)
    size = (BLINK_SPAN, 1)
    lids, wide, squint = sided("eyeBlink"), sided("eyeWide"), sided("eyeSquint")
    weights[:, lids] = grey_opening(weights[:, lids], size, mode="nearest")
    for pair in (wide, squint):  # a blink takes them away for a moment
        weights[:, pair] = grey_closing(weights[:, pair], size, mode="nearest")
    pose = np.asarray(coefficients[:, POSE], np.float32)  # (T, 6)
    offset = pose - np.asarray(rest, np.float32)
    offset[:, 3:5] /= rest[5]
    offset[:, 5] = np.log(np.maximum(pose[:, 5], 1e-3) / rest[5])
    return np.concatenate([weights[:, LEARNED], offset], 1)


def from_channels(channels: NDArray[np.floating], rest: NDArray[np.floating]) -> Array:
    """The inverse of `to_channels`, with resting gaze and without blinks: (T, 50), (6,) -> (T, 58)."""
    out = np.zeros((len(channels), POSE.stop), np.float32)
    out[:, LEARNED] = channels[:, :REFERENCE]
    offset = channels[:, OFFSET]
    out[:, POSE] = rest
    out[:, POSE.start : POSE.start + 3] += offset[:, :3]
    out[:, POSE.start + 3 : _SCALE] += offset[:, 3:5] * rest[5]
    out[:, _SCALE] *= np.exp(offset[:, 5])
    return out


def smooth(channels: NDArray[np.floating]) -> Array:
    """Savitzky-Golay (9 frames, order 2) over all but the speech shapes; clips too short are left as they are."""
    from scipy.signal import savgol_filter

    out = np.array(channels, np.float32)
    if len(out) >= 9:
        out[:, ~SPEECH] = savgol_filter(out[:, ~SPEECH], 9, 2, axis=0)
    return out


def spread_of_jaw(channels: NDArray[np.floating]) -> float:
    """Standard deviation of jawOpen over the frames of one clip. channels: (T, C)."""
    return float(channels[:, JAW].std())


def restore_jaw_variance(channels: NDArray[np.float32], usual: float) -> NDArray[np.float32]:
    """Open the jaw as widely as speakers usually do where a voice unlike the training's made it timid.

    channels: (T, C). usual: `spread_of_jaw` of an average clip. A prediction of least error shrinks towards the mean,
    the more so the less it recognizes; this gives the variance back (Toda and Tokuda, 2007) and never takes any away.
    """
    spread = spread_of_jaw(channels)
    gain = float(np.clip(usual / max(spread, 1e-3), 1.0, MOST_GAIN))
    out = channels.copy()
    middle = out[:, JAW].mean()
    out[:, JAW] = middle + gain * (out[:, JAW] - middle)
    return out
