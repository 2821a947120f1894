"""How a clip moves from frame to frame: jitter of points and flicker of pixels, against the truth's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.mesh import MESH
from evaluation.metrics.landmarks import eye_distance


def jitter(rows: NDArray[np.floating]) -> float:
    """Mean absolute second difference over time of (T, ...) rows; 0 for constant speed, NaN under three rows."""
    return float(np.abs(np.diff(rows.astype(np.float64), n=2, axis=0)).mean()) if len(rows) > 2 else float("nan")


def landmark_jitter(points: NDArray[np.floating]) -> float:
    """Jitter of (T, 478, >= 2) mesh points, percent of the eye distance."""
    return jitter(points[:, MESH, :2] / eye_distance(points)[:, None, None]) * 100


def flicker(frames: Sequence[Image]) -> float:
    """Mean absolute second difference of the pixels of a clip, gray levels: shimmer that motion does not explain."""
    if len(frames) < 3:
        return float("nan")
    total = 0.0
    for before, now, after in zip(frames, frames[1:], frames[2:], strict=False):
        second = before.astype(np.int16) - 2 * now.astype(np.int16) + after.astype(np.int16)
        total += float(np.abs(second).mean())
    return total / (len(frames) - 2)


def ratio(value: float, truth: float) -> float:
    """`value / truth`; NaN where the truth does not move at all."""
    return value / truth if truth > 1e-9 else float("nan")
