"""Blinks, saccades and the eyes' answer to head motion: random events, drawn rather than learned.

Spontaneous blinks are a renewal process: a pause in which none can follow, then an exponential wait. Rates at rest lie
around 0.3 a second and change with emotion. Axes: T frames at 25 fps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, gaze_to_weights, sided
from components.common.artifacts import EMOTIONS, FPS

Array = NDArray[np.float64]

REFRACTORY = 0.35  # seconds after a blink in which none follows
CLOSING, SHUT, OPENING = 0.09, 0.05, 0.17  # seconds of a blink's phases
FIXATION, FIXATION_MIN = 0.9, 0.25  # seconds: mean wait beyond the shortest fixation
SACCADE = np.array([0.10, 0.05])  # rad: spread of fixations, sideways and up
REFLEX = 0.7  # share of the head's turn that the eyes counter (vestibulo-ocular reflex)
GAZE_LIMIT = 0.40  # rad
LID_PER_GAZE = 0.5  # lid closing per rad of looking down


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


def blinks(frames: int, gap: float, rate: float, rng: np.random.Generator) -> Array:
    """(T,) lid closing in [0, 1].

    gap: mean seconds between blinks. rate: multiplies how often they come; 0 gives none.
    """
    times = (np.arange(frames) + 0.5) / FPS
    closing = np.zeros(frames)
    if rate <= 0:
        return closing
    wait = max(gap / rate - REFRACTORY, 0.05)
    # A clip begins anywhere between two blinks: the time left to the next one has this law in a renewal process.
    in_pause = rng.random() < REFRACTORY / (REFRACTORY + wait)
    when = rng.uniform(0, REFRACTORY) if in_pause else REFRACTORY + rng.exponential(wait)
    while when < times[-1] + CLOSING:
        since = times - when
        shape = np.where(since < 0, 1 + since / CLOSING, 1 - (since - SHUT) / OPENING)
        closing = np.maximum(closing, np.clip(shape, 0, 1))
        when += REFRACTORY + rng.exponential(wait)
    return closing


def fixations(frames: int, center: NDArray[np.floating], rng: np.random.Generator) -> Array:
    """(T, 2) gaze in rad, x to image right and y up, that jumps between random fixations around `center` (2,)."""
    gaze = np.zeros((frames, 2))
    start, current = 0, np.asarray(center, np.float64)
    while start < frames:
        gaze[start:] = current
        start += max(1, round((FIXATION_MIN + rng.exponential(FIXATION)) * FPS))
        current = center + rng.normal(0, 1, 2) * SACCADE
    return gaze


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
    gaze = fixations(len(coefficients), np.add(rest_gaze, (0.0, behavior.gaze_y)), rng)
    turn = coefficients[:, [INDEX["yaw"], INDEX["pitch"]]] - np.asarray(rest_turn)
    gaze += turn * [-REFLEX, REFLEX]  # positive pitch lowers the head, so the eyes go up
    gaze = np.clip(gaze, -GAZE_LIMIT, GAZE_LIMIT)
    gaze_to_weights(gaze, coefficients)

    closing = blinks(len(coefficients), behavior.blink_gap, blink, rng)
    lowered = LID_PER_GAZE * np.clip(-gaze[:, 1], 0, None)
    for i in sided("eyeBlink"):
        coefficients[:, i] = np.maximum(coefficients[:, i] + lowered, closing)
    for i in sided("eyeWide"):
        coefficients[:, i] *= 1 - closing
    for i in sided("eyeSquint"):
        coefficients[:, i] *= 1 - 0.8 * closing
