"""How Style-E blinks and looks: the model of `common.eye_motion` with the rates of emotions, mixed as the text asks.

Axes: T frames at 25 fps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX
from components.common.artifacts import EMOTIONS
from components.common.eye_motion import GENERATED, NEVER, REFRACTORY, BlinkLaw, draw_eye_motion

LEAST_WAIT = 0.05  # seconds between two blinks beyond the pause, however often they are wished for


@dataclass(frozen=True)
class EyeBehavior:
    """How an emotion blinks and looks: mean seconds between blinks, and vertical gaze (rad, up is positive)."""

    blink_gap: float = 3.2
    gaze_y: float = 0.0


EYE_BEHAVIOR: dict[str, EyeBehavior] = {
    "neutral": EyeBehavior(),
    "happy": EyeBehavior(),
    "sad": EyeBehavior(2.4, -0.08),
    "angry": EyeBehavior(4.2),
    "fear": EyeBehavior(2.1),
    "surprised": EyeBehavior(4.2),
    "disgusted": EyeBehavior(),
    "contempt": EyeBehavior(),
}


def mix(shares: NDArray[np.floating]) -> EyeBehavior:
    """The mean over emotions with weights `shares` (8,), in the order of EMOTIONS and summing to 1."""
    rows = [EYE_BEHAVIOR[name] for name in EMOTIONS]
    # Rates add up, gaps do not.
    rate = sum(float(share) / row.blink_gap for share, row in zip(shares, rows, strict=True))
    return EyeBehavior(1 / rate, sum(float(share) * row.gaze_y for share, row in zip(shares, rows, strict=True)))


def blink_law(gap: float, rate: float) -> BlinkLaw:
    """Blinks every `gap` seconds in the mean, `rate` times as often (0: never), in a clip that begins anywhere.

    The first wait follows the law of the time left to the next event of a renewal process that has long been running,
    so that short clips blink as often as long ones (Cox, "Renewal Theory", 1962, ch. 5).
    """
    if rate <= 0:
        return NEVER
    wait = max(gap / rate - REFRACTORY, LEAST_WAIT)

    def first(rng: np.random.Generator) -> float:
        in_pause = rng.random() < REFRACTORY / (REFRACTORY + wait)
        return rng.uniform(0, REFRACTORY) if in_pause else REFRACTORY + rng.exponential(wait)

    return BlinkLaw(first, wait)


def add_eye_motion(
    coefficients: NDArray[np.float32],
    rest_gaze: NDArray[np.floating],
    rest_turn: NDArray[np.floating],
    behavior: EyeBehavior,
    blink: float,
    rng: np.random.Generator,
) -> None:
    """Write gaze and blinks into (T, 58) coefficients, in place.

    rest_gaze: (2,) rad and rest_turn: (2,) yaw and pitch (rad) of the portrait. Eyes start from where it looks
    and hold their target while the head turns. blink: multiplies how often the eyes blink.
    """
    center = np.add(rest_gaze, (0.0, behavior.gaze_y))
    turn = coefficients[:, [INDEX["yaw"], INDEX["pitch"]]] - np.asarray(rest_turn)
    draw_eye_motion(coefficients, turn, center, center, blink_law(behavior.blink_gap, blink), GENERATED, rng)
