"""Head motion of a driving video, laid over the motion that speech asks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, POSE

Motion = NDArray[np.float32]  # (T, 58)

# Columns within the pose.
ANGLES = slice(INDEX["yaw"] - POSE.start, INDEX["roll"] + 1 - POSE.start)
SHIFT = slice(INDEX["tx"] - POSE.start, INDEX["ty"] + 1 - POSE.start)
SCALE = INDEX["scale"] - POSE.start
# Beyond this a single portrait shows parts of the head that it does not have.
MOST_TURN = 0.35  # radians
MOST_SHIFT = 0.15  # crop sides
MOST_SCALING = 0.25  # of the portrait's scale


def ping_pong(rows: Motion, frames: int) -> Motion:
    """(N, ...) -> (frames, ...): played forward, then backward, and so on; no jump where it turns around."""
    if len(rows) == 1:
        return np.repeat(rows, frames, axis=0)
    period = 2 * (len(rows) - 1)
    index = np.arange(frames) % period
    return rows[np.where(index < len(rows), index, period - index)]


def borrow_pose(motion: Motion, driving: Motion, reference: Motion, strength: float = 1.0) -> Motion:
    """Replace the head pose of (T, 58) `motion` by that of a driving video, relative to its own median pose.

    driving: (N, 58) coefficients of the other video, any length. reference: (58,) of the portrait. strength scales the
    movement; 0 holds the portrait's pose.
    """
    median = np.median(driving[:, POSE], axis=0)  # (6,)
    away = ping_pong(driving[:, POSE], len(motion)) - median  # (T, 6)
    pose = reference[None, POSE].astype(np.float64).repeat(len(motion), axis=0)
    pose[:, ANGLES] += np.clip(strength * away[:, ANGLES], -MOST_TURN, MOST_TURN)
    pose[:, SHIFT] += np.clip(strength * away[:, SHIFT], -MOST_SHIFT, MOST_SHIFT)
    # Scale is a length in crop sides, so nearness carries over as a ratio.
    nearness = away[:, SCALE] / max(float(median[SCALE]), 1e-6)
    pose[:, SCALE] *= 1 + np.clip(strength * nearness, -MOST_SCALING, MOST_SCALING)
    moved = motion.copy()
    moved[:, POSE] = pose
    return moved
