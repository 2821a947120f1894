"""Where the face's points are: landmark distances, lip aperture, eye opening.

Points are (T, 478, >= 2) pixels in the order of the MediaPipe face mesh; T frames. Distances are in percent of the
distance between the outer eye corners, so that they do not depend on the size of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.face.mesh import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_EYE,
    MESH,
    MOUTH_CORNERS,
    OUTER_EYE_CORNERS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    RIGHT_EYE,
    closed_loop,
)

Points = NDArray[np.floating]
Curve = NDArray[np.float64]  # (T,)

UPPER_LIP, LOWER_LIP = INNER_UPPER_LIP[4:7], INNER_LOWER_LIP[4:7]  # three columns around the middle
# (upper, lower) points of each eye: the middle of the lids and one column beside it on both sides.
LID_PAIRS = tuple(
    (eye.upper_lid[column], eye.lower_lid[column]) for eye in (RIGHT_EYE, LEFT_EYE) for column in (4, 5, 3)
)
LIPS = closed_loop(OUTER_LOWER_LIP, OUTER_UPPER_LIP) + closed_loop(INNER_LOWER_LIP, INNER_UPPER_LIP)  # both borders


def eye_distance(points: Points) -> Curve:
    """(T,) pixels between the outer eye corners."""
    right, left = (points[:, i, :2].astype(np.float64) for i in OUTER_EYE_CORNERS)
    return np.asarray(np.maximum(np.linalg.norm(left - right, axis=-1), 1e-6), np.float64)


def face_landmark_distance(points: Points, truth: Points) -> float:
    """F-LMD: mean distance of all mesh points from the true ones, percent of the true eye distance."""
    offset = np.linalg.norm(points[:, MESH, :2] - truth[:, MESH, :2], axis=-1)  # (T, 468)
    return float((offset.mean(axis=1) / eye_distance(truth)).mean() * 100)


def mouth_landmark_distance(points: Points, truth: Points) -> float:
    """M-LMD: the same for the lips, each mouth taken from its own center: shape without head motion."""

    def centered(p: Points) -> Points:
        lips = p[:, LIPS, :2]
        return np.asarray(lips - lips.mean(axis=1, keepdims=True))

    offset = np.linalg.norm(centered(points) - centered(truth), axis=-1)
    return float((offset.mean(axis=1) / eye_distance(truth)).mean() * 100)


def lip_aperture(points: Points) -> Curve:
    """(T,) gap between the inner lips, in eye distances (about 0 shut, 0.3 wide open)."""
    gap = np.linalg.norm(points[:, UPPER_LIP, :2] - points[:, LOWER_LIP, :2], axis=-1)  # (T, 3)
    return np.asarray(gap.mean(axis=1) / eye_distance(points), np.float64)


def lip_width(points: Points) -> Curve:
    """(T,) distance of the lip corners, in eye distances."""
    right, left = (points[:, i, :2] for i in MOUTH_CORNERS)
    return np.asarray(np.linalg.norm(right - left, axis=-1) / eye_distance(points), np.float64)


def eye_opening(points: Points) -> Curve:
    """(T,) mean gap of the lids of both eyes, in eye distances."""
    upper, lower = np.array(LID_PAIRS).T
    gap = np.linalg.norm(points[:, upper, :2] - points[:, lower, :2], axis=-1)  # (T, 6)
    return np.asarray(gap.mean(axis=1) / eye_distance(points), np.float64)
