"""Where the face's points are: landmark distances, lip aperture, eye opening.

Points are (T, 478, >= 2) pixels in the order of the MediaPipe face mesh; T frames. Distances are in percent of the
distance between the outer eye corners, so that they do not depend on the size of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.face.mesh import LEFT_EYE_OUTER, MOUTH_CORNERS, RIGHT_EYE_OUTER

Points = NDArray[np.floating]
Curve = NDArray[np.float64]  # (T,)

UPPER_LIP = (82, 13, 312)  # inner edge
LOWER_LIP = (87, 14, 317)
RIGHT_LIDS, LEFT_LIDS = ((159, 145), (158, 153), (160, 144)), ((386, 374), (385, 380), (387, 373))
# Outer and inner edge of both lips.
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)  # fmt: skip
MESH = slice(0, 468)  # without the irises


def eye_distance(points: Points) -> Curve:
    """(T,) pixels between the outer eye corners."""
    right, left = (points[:, i, :2].astype(np.float64) for i in (RIGHT_EYE_OUTER, LEFT_EYE_OUTER))
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
    pairs = np.array(RIGHT_LIDS + LEFT_LIDS)
    gap = np.linalg.norm(points[:, pairs[:, 0], :2] - points[:, pairs[:, 1], :2], axis=-1)
    return np.asarray(gap.mean(axis=1) / eye_distance(points), np.float64)
