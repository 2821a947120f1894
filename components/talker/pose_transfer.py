"""Head motion borrowed from another video, laid over the motion that speech asks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, POSE

Motion = NDArray[np.float32]  # (T, 58)

ANGLES = slice(INDEX["yaw"], INDEX["roll"] + 1)
SHIFT = slice(INDEX["tx"], INDEX["ty"] + 1)
SCALE = INDEX["scale"]
# Beyond this a single portrait shows parts of the head that it does not have.
MOST_TURN = 0.35  # radians
MOST_SHIFT = 0.15  # crop sides


def back_and_forth(rows: Motion, frames: int) -> Motion:
    """(N, ...) -> (frames, ...): played forward, then backward, and so on; no jump where it turns around."""
    if len(rows) == 1:
        return np.repeat(rows, frames, axis=0)
    period = 2 * (len(rows) - 1)
    index = np.arange(frames) % period
    return rows[np.where(index < len(rows), index, period - index)]


def borrow_pose(motion: Motion, donor: Motion, reference: Motion, strength: float = 1.0) -> Motion:
    """Replace the head pose of (T, 58) `motion` by that of a donor video, relative to its own middle pose.

    donor: (N, 58) coefficients of the other video, any length. reference: (58,) of the portrait. strength scales the
    movement; 0 holds the portrait's pose.
    """
    away = back_and_forth(donor[:, POSE], len(motion)) - np.median(donor[:, POSE], axis=0)
    pose = reference[None, POSE].astype(np.float64).repeat(len(motion), axis=0)
    first = POSE.start
    angles, shift, scale = slice(ANGLES.start - first, ANGLES.stop - first), slice(3, 5), SCALE - first
    pose[:, angles] += np.clip(strength * away[:, angles], -MOST_TURN, MOST_TURN)
    pose[:, shift] += np.clip(strength * away[:, shift], -MOST_SHIFT, MOST_SHIFT)
    # Scale is a length in crop sides, so nearness carries over as a ratio.
    near = away[:, scale] / max(float(np.median(donor[:, SCALE])), 1e-6)
    pose[:, scale] *= 1 + np.clip(strength * near, -0.25, 0.25)
    result = motion.copy()
    result[:, POSE] = pose
    return result
