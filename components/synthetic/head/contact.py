"""What displacements that are linear in the weights cannot do: lids stay on the eyeballs, lips stop at each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import EYE, LID_RADIUS, MOUTH_HALF, Array, lip_line, side, smoothstep
from components.synthetic.head.template import HeadTemplate
from components.synthetic.head.topology import OVERLAP

LID_CLEARANCE = 1.045  # of the eyeball's radius
CLEARANCES = {"lash": 1.065, "brow": 1.16}  # the same for what grows around the eye


class EyeContact:
    """Keeps one eyeball round, and lids, lashes and brow in front of it."""

    def __init__(self, head: HeadTemplate, rest: NDArray[np.float32], name: str, sign: float) -> None:
        """rest: (V, 3) the person at rest; name, sign: a row of `anatomy.SIDES`."""
        self._ball = head.parts[f"eye_{name}"]
        self.center, self.radius = fit_sphere(rest[self._ball])  # cm
        near = np.linalg.norm(head.vertices[: head.n_skin] - side(EYE, sign), axis=1) < LID_RADIUS * 1.25
        self._around = [(np.flatnonzero(near), self.radius * LID_CLEARANCE)]
        for kind, clearance in CLEARANCES.items():
            part = head.parts[f"{kind}_{name}"]
            self._around.append((np.arange(part.start, part.stop), self.radius * clearance))

    def resolve(self, vertices: NDArray[np.float32]) -> None:
        """Correct (V, 3) vertices in place."""
        for rows, radius in self._around:
            keep_outside(vertices, rows, self.center, radius)
        offset = vertices[self._ball] - self.center
        scale = self.radius / np.linalg.norm(offset, axis=1, keepdims=True)
        vertices[self._ball] = self.center + offset * scale


class LipContact:
    """Where weights would pass the lips through each other, both give way by half the overlap."""

    def __init__(self, head: HeadTemplate) -> None:
        v = head.vertices.astype(float)
        self._upper, self._lower = head.loops["lip_upper"], head.loops["lip_lower"]
        u = np.clip(v[:, 0] / MOUTH_HALF, -1, 1)
        distance = np.abs(v[:, 1] - lip_line(u))
        movable = np.zeros(len(v), bool)
        movable[: head.n_skin] = True
        movable[head.parts["sock"]] = True
        reach = np.exp(-((distance / 0.75) ** 2)) * (np.abs(v[:, 0]) < MOUTH_HALF) * smoothstep(v[:, 2], 3, 6) * movable
        self._rows = np.flatnonzero(reach > 0.02)
        self._push = (reach * np.where(head.upper > 0.5, 0.5, -0.5))[self._rows]
        self._columns = v[self._upper, 0]
        self._x = v[self._rows, 0]

    def resolve(self, vertices: NDArray[np.float32]) -> None:
        """Correct (V, 3) vertices in place."""
        overlap = np.maximum(vertices[self._lower, 1] - vertices[self._upper, 1] - 2 * OVERLAP, 0)
        if overlap.max() > 0:
            vertices[self._rows, 1] += np.interp(self._x, self._columns, overlap) * self._push


def fit_sphere(points: NDArray[np.floating]) -> tuple[Array, float]:
    """Center (3,) and radius of the sphere through (N, 3) points, by least squares on |p|^2 = 2 c p + r^2 - |c|^2."""
    p = points.astype(float)
    solution = np.linalg.lstsq(np.column_stack([2 * p, np.ones(len(p))]), (p**2).sum(1), rcond=None)[0]
    return solution[:3], float(np.sqrt(solution[3] + (solution[:3] ** 2).sum()))


def keep_outside(vertices: NDArray[np.float32], rows: NDArray[np.int64], center: Array, radius: float) -> None:
    """Push those of the `rows` that lie in the front half of a sphere out of it, in place."""
    offset = vertices[rows] - center
    distance = np.linalg.norm(offset, axis=1)
    inside = (offset[:, 2] > 0) & (distance < radius)
    vertices[rows[inside]] = center + offset[inside] * (radius / distance[inside])[:, None]
