"""The skin's mesh: edge loops at lips and lids, hexagonal grids elsewhere, triangulated in a plane of directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import (
    MOUTH_HALF,
    SIDES,
    Array,
    lip_line,
    lower_border,
    lower_lid,
    on_eye,
    smoothstep,
    upper_border,
    upper_lid,
)
from components.synthetic.head.sdf import from_plane, front, to_plane, trace

PLAIN, UPPER_LIP, LOWER_LIP, UPPER_LID, LOWER_LID = range(5)
_LIP_COLUMNS, _LID_COLUMNS = 29, 21
_OPENING = 0.16  # cm: the mouth is triangulated with this half opening, then closed, so lips stay separate vertices
OVERLAP = 0.02  # cm by which each resting lip covers the line: lips that only meet show teeth through cracks


@dataclass(frozen=True)
class SkinMesh:
    """vertices (V, 3) cm; triangles (F, 3); labels (V,); loops of vertex indices; plane (V, 2); lips (V,) in [0, 1].

    Loops: `lip_upper`, `lip_lower` (29 each, shared corners, same columns), and for each eye `lid_upper_Left` (21),
    `lid_lower_Left` (21), ...
    """

    vertices: Array
    triangles: NDArray[np.int32]
    labels: NDArray[np.int32]
    loops: dict[str, NDArray[np.int32]]
    plane: Array
    lips: Array


class _Points:
    """Collects points of the plane with a label and returns their indices."""

    def __init__(self) -> None:
        self.plane: list[Array] = []
        self.labels: list[NDArray[np.int32]] = []
        self.count = 0

    def add(self, points: Array, label: int) -> NDArray[np.int32]:
        return self.add_plane(to_plane(points), label)

    def add_plane(self, plane: Array, label: int) -> NDArray[np.int32]:
        first, self.count = self.count, self.count + len(plane)
        self.plane.append(plane)
        self.labels.append(np.full(len(plane), label, np.int32))
        return np.arange(first, self.count, dtype=np.int32)


def build_skin() -> SkinMesh:
    """The whole skin, lips closed."""
    points = _Points()
    loops = _lip_loops(points) | _lid_loops(points)
    _fill(points)
    plane, labels = np.concatenate(points.plane), np.concatenate(points.labels)
    mouth = np.concatenate([loops["lip_upper"], loops["lip_lower"][1:-1][::-1]])
    holes = [mouth] + [
        np.concatenate([loops[f"lid_upper_{name}"], loops[f"lid_lower_{name}"][1:-1][::-1]]) for name, _ in SIDES
    ]
    triangles = _triangulate(plane, holes)
    vertices = trace(from_plane(plane))
    lips = _sculpt_lips(vertices, labels)
    return SkinMesh(vertices, triangles, labels, loops, plane, lips)


def _lip_loops(points: _Points) -> dict[str, NDArray[np.int32]]:
    u = np.sin(np.linspace(-np.pi / 2, np.pi / 2, _LIP_COLUMNS))
    x, opening = u * MOUTH_HALF, _OPENING * (1 - u**2)
    upper = points.add(front(np.column_stack([x, lip_line(u) + opening])), UPPER_LIP)
    lower = points.add(front(np.column_stack([x, lip_line(u) - opening])[1:-1]), LOWER_LIP)
    for share in (0.33, 0.66, 1.0, 1.25):
        y = lip_line(u) + opening + (upper_border(u) - lip_line(u)) * share
        points.add(front(np.column_stack([x, y])[2:-2]), UPPER_LIP)
        y = lip_line(u) - opening + (lower_border(u) - lip_line(u)) * share
        points.add(front(np.column_stack([x, y])[2:-2]), LOWER_LIP)
    return {"lip_upper": upper, "lip_lower": np.concatenate([upper[:1], lower, upper[-1:]])}


def _lid_loops(points: _Points) -> dict[str, NDArray[np.int32]]:
    loops = {}
    lam = np.sin(np.linspace(-np.pi / 2, np.pi / 2, _LID_COLUMNS))
    inner = lam[1:-1]
    for name, sign in SIDES:
        upper = points.add(on_eye(lam, upper_lid(lam), sign), UPPER_LID)
        lower = points.add(on_eye(inner, lower_lid(inner), sign), LOWER_LID)
        loops[f"lid_upper_{name}"] = upper
        loops[f"lid_lower_{name}"] = np.concatenate([upper[:1], lower, upper[-1:]])
        for row, degrees in enumerate((4, 9, 15, 22, 30)):
            wider = inner * (1 + 0.03 * row)
            points.add(on_eye(wider, upper_lid(inner) + degrees, sign), UPPER_LID)
            if row < 3:
                points.add(on_eye(wider, lower_lid(inner) - degrees, sign), LOWER_LID)
    return loops


def _hexagonal(step: float, reach: float) -> Array:
    n = int(reach / step) + 2
    i, j = np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1))
    return np.stack([((i + 0.5 * (j % 2)) * step).ravel(), (j * step * 0.866).ravel()], -1)


def _fill(points: _Points) -> None:
    """Grids that get coarser from the face to the back of the head."""
    from scipy.spatial import cKDTree

    loops = cKDTree(np.concatenate(points.plane))

    def distance(p: Array) -> Array:
        return np.hypot(p[:, 0] / 0.62, (p[:, 1] + 0.22) / 0.72)

    fine, middle, coarse = _hexagonal(0.036, 1.0), _hexagonal(0.075, 1.5), _hexagonal(0.15, 2.9)
    fine = fine[distance(fine) < 1]
    points.add_plane(fine[loops.query(fine)[0] > 0.022], PLAIN)
    points.add_plane(middle[(distance(middle) >= 1.03) & (distance(middle) < 1.75)], PLAIN)
    points.add_plane(coarse[(distance(coarse) >= 1.8) & (np.hypot(coarse[:, 0], coarse[:, 1]) < 2.85)], PLAIN)


def _triangulate(plane: Array, holes: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    from matplotlib.path import Path
    from scipy.spatial import Delaunay

    triangles: NDArray[Any] = Delaunay(plane).simplices
    centers = plane[triangles].mean(1)
    for hole in holes:
        keep = ~Path(plane[hole]).contains_points(centers)
        triangles, centers = triangles[keep], centers[keep]
    a, b, c = (plane[triangles[:, k]] for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return np.where((area > 0)[:, None], triangles, triangles[:, ::-1]).astype(np.int32)


def _sculpt_lips(vertices: Array, labels: NDArray[np.int32]) -> Array:
    """Push the lips out and close the mouth, in place; returns lip membership (V,) for color."""
    x, y = vertices[:, 0].copy(), vertices[:, 1].copy()
    u = np.clip(x / MOUTH_HALF, -1, 1)
    line = lip_line(u)
    opening = _OPENING * (1 - u**2)
    above = (y - line - opening) / np.maximum(upper_border(u) - line, 0.05)  # 0 at the line, 1 at the border
    below = (line - opening - y) / np.maximum(line - lower_border(u), 0.05)
    mouth = np.abs(x) < MOUTH_HALF
    upper = (labels == UPPER_LIP) | ((labels == PLAIN) & (y > line) & mouth)
    lower = (labels == LOWER_LIP) | ((labels == PLAIN) & (y <= line) & mouth)
    taper = 1 - np.abs(u) ** 2.5

    def bulge(f: Array) -> Array:
        profile = np.sin(np.pi * np.clip(0.18 + 0.82 * np.clip(f, 0, 1.25) / 1.25, 0, 1))
        return np.where(f < 1.25, np.maximum(profile, 0) ** 0.8, 0)

    vertices[:, 2] += np.where(upper & (above > -0.05), 0.42 * taper * bulge(above), 0)
    vertices[:, 2] += np.where(lower & (below > -0.05), 0.50 * taper * bulge(below), 0)
    corner = np.exp(-(((np.abs(x) - MOUTH_HALF) / 0.35) ** 2) - ((y - line) / 0.3) ** 2)
    vertices[:, 2] -= 0.18 * corner
    shut = opening + OVERLAP * np.minimum(1, 4 * taper)
    vertices[:, 1] -= np.where(upper & mouth, shut * np.exp(-np.maximum(above, 0) * 2.2), 0)
    vertices[:, 1] += np.where(lower & mouth, shut * np.exp(-np.maximum(below, 0) * 2.2), 0)
    lips = np.where(upper, smoothstep(above, 1.12, 0.92) * (above > -0.3), 0)
    lips = lips + np.where(lower, smoothstep(below, 1.12, 0.92) * (below > -0.3), 0)
    return np.asarray(lips * (np.abs(x) < MOUTH_HALF * 1.02))
