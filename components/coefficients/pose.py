"""The part of the head's pose that is plain geometry once yaw and pitch are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.coefficients.features import Floats
from components.common.arkit import INDEX
from components.face.mesh import OUTER_EYE_CORNERS


def roll_of(angle: Floats, yaw: Floats, pitch: Floats) -> Floats:
    """Roll of a head whose left-right axis appears at `angle` in the picture, all in radians, (T,) each.

    The axis is the first column of Ry(yaw) Rx(pitch) Rz(roll), so
    tan(angle) = cos(pitch) tan(roll) / (cos(yaw) + sin(yaw) sin(pitch) tan(roll)).
    """
    slope = np.tan(np.clip(angle, -1.5, 1.5))
    return np.asarray(np.arctan2(np.cos(yaw) * slope, np.cos(pitch) - np.sin(yaw) * np.sin(pitch) * slope))


def place_head(landmarks: NDArray[np.floating], rows: Floats, crop_size: float) -> Floats:
    """(T, 3) tx, ty and scale from the outer eye corners, in crop sides."""
    right, left = (landmarks[:, corner, :2] for corner in OUTER_EYE_CORNERS)
    middle = (right + left) / 2 / crop_size - 0.5
    yaw, pitch, roll = (rows[:, INDEX[name]] for name in ("yaw", "pitch", "roll"))
    # Length in the picture of the head's unit left-right axis; see `roll_of`.
    across = np.cos(yaw) * np.cos(roll) + np.sin(yaw) * np.sin(pitch) * np.sin(roll)
    seen = np.hypot(across, np.cos(pitch) * np.sin(roll))
    scale = np.linalg.norm(left - right, axis=1) / np.maximum(seen, 0.2) / crop_size
    return np.concatenate([middle, scale[:, None]], axis=1)
