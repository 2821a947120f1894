"""The eyeballs: a patch that moves with the skull behind the lids, its iris shifted by the gaze."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.face.mesh import EYES
from components.style_a.motion.geometry import FittedFace, MovedFace
from components.style_a.motion.triangles import fan, nested_loops

Array = NDArray[np.float64]

LOOP = 16
REACH = 1.5  # outer border of the patch over the lid ring, so that wide lids uncover something
IRIS_MARGIN = 1.2  # the rigid disk over the iris, with its dark rim
LID_FOLLOW = 0.25  # share of the iris' shift by which the lid ring of the patch follows
GAZE_REACH = 0.5  # eye widths per unit of sin(gaze)
# Outer border first, the iris last, so that nearer loops lie on top.
TRIANGLES = np.concatenate([nested_loops(LOOP, 3), fan(LOOP) + 2 * LOOP])


def eye_patches(face: FittedFace, moved: MovedFace) -> list[tuple[Array, Array]]:
    """(source, target) points, each (3 * 16 + 1, 3), of the left and right eye patch; triangulated by `TRIANGLES`."""
    patches = []
    for eye, iris in zip(EYES, face.irises[::-1], strict=True):
        ring = face.points[list(eye.opening)]
        center = iris[0]
        radius = np.linalg.norm(iris[1:, :2] - center[:2], axis=1).mean() * IRIS_MARGIN
        spoke = ring - center
        length = np.maximum(np.linalg.norm(spoke[:, :2], axis=1, keepdims=True), 1e-6)
        disk = center + spoke * np.minimum(radius / length, 0.85)
        middle = ring.mean(0)
        outer = middle + (ring - middle) * REACH
        source = np.concatenate([outer, ring, disk, center[None]])
        width = float(np.linalg.norm(face.points[eye.outer, :2] - face.points[eye.inner, :2]))
        look = GAZE_REACH * width * np.array([np.sin(moved.gaze[0]), np.sin(moved.gaze[1]), 0.0]) @ face.rotation.T
        share = np.concatenate([np.zeros(LOOP), np.full(LOOP, LID_FOLLOW), np.ones(LOOP + 1)])[:, None]
        patches.append((source, moved.rigid(source + share * look)))
    return patches
