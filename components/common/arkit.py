"""The names, order and meaning of the 58 motion coefficients, and of the face points around them.

A frame's coefficients are 52 ARKit blendshape weights in [0, 1] (Apple's names, in the order of Apple's Live Link Face
export) followed by six pose numbers:

    yaw, pitch, roll   radians. R = Ry(yaw) Rx(pitch) Rz(roll); axes: +x image right, +y up, +z to the viewer.
                       Positive yaw turns the nose to image right, positive pitch lowers it, positive roll tilts the
                       head counter-clockwise as the viewer sees it.
    tx, ty             center of the head (midpoint of the outer eye corners) from the crop's center, in crop sides;
                       x to the right, y **down**.
    scale              distance of the outer eye corners, corrected for rotation, in crop sides.

"Left" and "right" are the subject's own, as in ARKit: the left eye is at image right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ARKIT_NAMES: tuple[str, ...] = (
    "eyeBlinkLeft",
    "eyeLookDownLeft",
    "eyeLookInLeft",
    "eyeLookOutLeft",
    "eyeLookUpLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeLookDownRight",
    "eyeLookInRight",
    "eyeLookOutRight",
    "eyeLookUpRight",
    "eyeSquintRight",
    "eyeWideRight",
    "jawForward",
    "jawRight",
    "jawLeft",
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRight",
    "mouthLeft",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
POSE_NAMES: tuple[str, ...] = ("yaw", "pitch", "roll", "tx", "ty", "scale")
COEFFICIENT_NAMES: tuple[str, ...] = ARKIT_NAMES + POSE_NAMES

WEIGHTS = len(ARKIT_NAMES)  # 52
COEFFICIENTS = len(COEFFICIENT_NAMES)  # 58
LANDMARKS = 478  # 468 of the face mesh, then 5 of the right iris and 5 of the left (center first)
POSE = slice(WEIGHTS, COEFFICIENTS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(COEFFICIENT_NAMES)}

# Eye rotation, in radians, at which an eyeLook weight reaches 1.
GAZE_RANGE = 0.5


def sided(stem: str) -> tuple[int, int]:
    """Indices of the left and right weight of a stem: ``sided("eyeBlink")``."""
    return INDEX[stem + "Left"], INDEX[stem + "Right"]


def gaze_to_weights(gaze: NDArray[np.floating], weights: NDArray[np.floating]) -> None:
    """Write a common gaze into the eight eyeLook weights, in place.

    gaze: (..., 2) radians, x to image right (the subject's left), y up. weights: (..., >= 52).
    """
    x, y = gaze[..., 0] / GAZE_RANGE, gaze[..., 1] / GAZE_RANGE
    right, left = np.clip(x, 0, 1), np.clip(-x, 0, 1)
    up, down = np.clip(y, 0, 1), np.clip(-y, 0, 1)
    # Image right is outward for the subject's left eye and inward for the right eye.
    for name, value in (
        ("eyeLookOutLeft", right),
        ("eyeLookInRight", right),
        ("eyeLookInLeft", left),
        ("eyeLookOutRight", left),
        ("eyeLookUpLeft", up),
        ("eyeLookUpRight", up),
        ("eyeLookDownLeft", down),
        ("eyeLookDownRight", down),
    ):
        weights[..., INDEX[name]] = value


def weights_to_gaze(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean gaze of both eyes from the eyeLook weights: (..., >= 52) -> (..., 2) radians, x to image right, y up."""

    def weight(name: str) -> NDArray[np.floating]:
        return np.asarray(weights[..., INDEX[name]])

    x = weight("eyeLookOutLeft") + weight("eyeLookInRight") - weight("eyeLookInLeft") - weight("eyeLookOutRight")
    y = weight("eyeLookUpLeft") + weight("eyeLookUpRight") - weight("eyeLookDownLeft") - weight("eyeLookDownRight")
    return np.stack([x, y], axis=-1) * (GAZE_RANGE / 2)


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """(3, 3) head rotation of the pose convention above."""
    cy, sy = np.cos(yaw), np.sin(yaw)
    cp, sp = np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    rz = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(ry @ rx @ rz)


def angles(matrix: NDArray[np.floating]) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a rotation; the inverse of `rotation` for |pitch| < 90 degrees."""
    pitch = float(np.arcsin(np.clip(-matrix[1, 2], -1.0, 1.0)))
    yaw = float(np.arctan2(matrix[0, 2], matrix[2, 2]))
    roll = float(np.arctan2(matrix[1, 0], matrix[1, 1]))
    return yaw, pitch, roll
