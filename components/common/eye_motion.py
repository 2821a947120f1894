"""Blinks, saccades and the eyes' answer to head motion: random events, one model for acted and for generated faces.

Spontaneous blinks are a renewal process: after each a pause in which none can follow, then an exponential wait. People
blink about 17 times a minute at rest and 26 times in conversation (Bentivoglio et al., "Analysis of blink rate patterns
in normal subjects", Movement Disorders, 1997); lids close about twice as fast as they open (VanderWerf et al., "Eyelid
movements", J. Neurophysiology, 2003). Gaze jumps between fixations, and while it rests the eyes counter part of the
head's rotation (vestibulo-ocular reflex).

Axes: T frames at 25 fps. Gaze is (T, 2) rad, x to image right and y up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import gaze_to_weights, sided
from components.common.artifacts import FPS

Array = NDArray[np.float64]

REFRACTORY = 0.35  # seconds after a blink in which none follows
CLOSING, SHUT, OPENING = 0.09, 0.05, 0.17  # seconds of a blink's phases
FIXATION, FIXATION_MIN = 0.9, 0.25  # seconds: mean wait beyond the shortest fixation
SACCADE = np.array([0.10, 0.05])  # rad: spread of fixations, sideways and up
SQUINT_LOST = 0.8  # share of a squint that a shut lid takes


@dataclass(frozen=True)
class EyeSettings:
    """Where the uses of the model differ.

    reflex: share of the head's turn that the eyes counter. gaze_limit: rad. lid_per_gaze: lid closing per rad of
    looking down. late_blink: seconds after the last frame by which a lid may still become shut, so that the clip ends
    while it closes. whole_frames: fixations last whole frames, where a motion is drawn frame by frame.
    """

    reflex: float
    gaze_limit: float = math.inf
    lid_per_gaze: float = 0.0
    late_blink: float = 0.0
    whole_frames: bool = False


# Rendered people, whom the corpus and the regressor learn from: the eyes counter about half of the head's rotation.
ACTED = EyeSettings(reflex=0.55)
# What Style-E adds to its motion: steadier eyes, within what the warp of a portrait can show, under lids that follow.
GENERATED = EyeSettings(reflex=0.7, gaze_limit=0.40, lid_per_gaze=0.5, late_blink=CLOSING, whole_frames=True)


@dataclass(frozen=True)
class BlinkLaw:
    """first: draws the seconds to the first moment of shut lids. wait: mean seconds between two, beyond the pause."""

    first: Callable[[np.random.Generator], float]
    wait: float


NEVER = BlinkLaw(lambda rng: math.inf, math.inf)


def frame_times(frames: int) -> Array:
    """(T,) seconds of the frames' middles."""
    return np.asarray((np.arange(frames) + 0.5) / FPS)


def draw_blinks(frames: int, law: BlinkLaw, rng: np.random.Generator, late_blink: float = 0.0) -> Array:
    """(T,) lid closing in [0, 1]: 90 ms to close, 50 ms shut, 170 ms to open."""
    times = frame_times(frames)
    closing = np.zeros(frames)
    shut = law.first(rng)
    while frames and shut < times[-1] + late_blink:
        since = times - shut
        shape = np.where(since < 0, 1 + since / CLOSING, 1 - (since - SHUT) / OPENING)
        closing = np.maximum(closing, np.clip(shape, 0, 1))
        shut += REFRACTORY + rng.exponential(law.wait)
    return closing


def draw_fixations(
    frames: int,
    first: NDArray[np.floating],
    center: NDArray[np.floating],
    rng: np.random.Generator,
    whole_frames: bool = False,
) -> Array:
    """(T, 2) gaze that starts at `first` (2,) and jumps between random fixations around `center` (2,)."""
    times = frame_times(frames)
    gaze = np.zeros((frames, 2))
    start, current = 0.0, np.asarray(first, np.float64)
    while frames and start < times[-1]:
        gaze[times >= start] = current
        seconds = FIXATION_MIN + rng.exponential(FIXATION)
        start += round(seconds * FPS) / FPS if whole_frames else seconds
        current = center + rng.normal(0, 1, 2) * SACCADE
    return gaze


def counter_head(gaze: NDArray[np.floating], turn: NDArray[np.floating], settings: EyeSettings) -> Array:
    """(T, 2) gaze that holds its target, in part, while the head turns.

    turn: (T, 2) yaw and pitch in rad. Positive pitch lowers the head, so the eyes go up.
    """
    countered = gaze + np.asarray(turn) * [-settings.reflex, settings.reflex]
    return np.asarray(np.clip(countered, -settings.gaze_limit, settings.gaze_limit))


def write_eyes(
    weights: NDArray[np.floating], gaze: NDArray[np.floating], closing: NDArray[np.floating], settings: EyeSettings
) -> None:
    """Write gaze and blinks (T,) into (T, >= 52) weights, in place. A blink takes wide eyes and squints away."""
    gaze_to_weights(gaze, weights)
    lowered = settings.lid_per_gaze * np.clip(-gaze[:, 1], 0, None)
    for i in sided("eyeBlink"):
        weights[:, i] = np.maximum(weights[:, i] + lowered, closing)
    for i in sided("eyeWide"):
        weights[:, i] *= 1 - closing
    for i in sided("eyeSquint"):
        weights[:, i] *= 1 - SQUINT_LOST * closing


def draw_eye_motion(
    weights: NDArray[np.floating],
    turn: NDArray[np.floating],
    first: NDArray[np.floating],
    center: NDArray[np.floating],
    blinks: BlinkLaw,
    settings: EyeSettings,
    rng: np.random.Generator,
) -> None:
    """Draw gaze, then blinks, and write them into (T, >= 52) weights, in place.

    turn: (T, 2) the head's yaw and pitch away from where it rests, rad. first, center: (2,) gaze of the first fixation
    and around which the later ones lie.
    """
    frames = len(weights)
    gaze = counter_head(draw_fixations(frames, first, center, rng, settings.whole_frames), turn, settings)
    write_eyes(weights, gaze, draw_blinks(frames, blinks, rng, settings.late_blink), settings)
