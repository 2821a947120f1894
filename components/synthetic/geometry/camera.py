"""The camera that looks at the synthetic heads, and the pose numbers that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import POSE, WEIGHTS, rotation
from components.synthetic.geometry.anatomy import PIVOT, outer_corners


@dataclass(frozen=True)
class Camera:
    """A pinhole on the +z axis. Screen coordinates are in picture sides: (0, 0) top left, (1, 1) bottom right."""

    view: float = 28.5  # cm seen across the picture at z = 0
    distance: float = 70.0  # cm from the origin
    center_y: float = -2.2  # height, cm, that appears in the picture's middle

    @property
    def focal(self) -> float:
        """Focal length in picture sides."""
        return self.distance / self.view

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., 3) cm -> (..., 3): x right and y down in picture sides, and 1/depth in 1/cm (larger is nearer)."""
        inverse = 1.0 / (self.distance - np.asarray(points[..., 2], np.float64))
        x = 0.5 + self.focal * points[..., 0] * inverse
        y = 0.5 - self.focal * (points[..., 1] - self.center_y) * inverse
        return np.stack([x, y, inverse], -1)


CAMERA = Camera()


def move_head(
    points: NDArray[np.floating], pose: NDArray[np.floating], translation: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Turn (N, 3) head points about the neck by (yaw, pitch, roll) rad, then shift them by `translation` cm."""
    return np.asarray((points - PIVOT) @ rotation(*pose).T + PIVOT + translation)


def with_pose(
    weights: NDArray[np.floating],
    pose: NDArray[np.floating],
    translation: NDArray[np.floating],
    corners: NDArray[np.floating] | None = None,
    camera: Camera = CAMERA,
) -> NDArray[np.float32]:
    """The 58 true coefficients of each frame, in sides of the rendered picture.

    weights (T, 52), pose (T, 3) rad, translation (T, 3) cm; corners (2, 3): the person's resting outer eye corners
    (None: the mean head's). Returns (T, 58).
    """
    corners = outer_corners() if corners is None else corners
    out = np.zeros((len(weights), WEIGHTS + 6), np.float32)
    out[:, :WEIGHTS] = weights
    out[:, POSE.start : POSE.start + 3] = pose
    distance = float(np.linalg.norm(corners[0] - corners[1]))
    for t in range(len(weights)):
        moved = move_head(corners, pose[t], translation[t])
        x, y, nearness = camera.project(moved).mean(0)
        out[t, POSE.start + 3 : POSE.stop] = x - 0.5, y - 0.5, distance * camera.focal * nearness
    return out
