"""Wrinkles: painted once in the plane of directions, shown as strongly as the expression asks.

A map lies over the face in azimuthal-equidistant coordinates (`sdf.to_plane`). Its values are signed: a dark valley
with a lighter ridge beside it. Every frame blends the maps into one and the shader multiplies skin by 1 - value.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS
from components.synthetic.geometry.anatomy import SIDES, Array
from components.synthetic.head.sdf import front, to_plane

MAP_SIZE = 256
MAP_REACH = 1.15  # rad from straight ahead to the map's edge

# Strokes on the left half: points (x, y) in cm, width in rad, depth. Names with a side are mirrored to both.
_STROKES: dict[str, tuple[tuple[tuple[tuple[float, float], ...], float, float], ...]] = {
    "fold": ((((1.75, -3.0), (2.45, -3.9), (2.95, -5.0), (3.15, -6.0)), 0.028, 0.36),),
    "crow": (
        (((5.15, 0.35), (5.75, 0.75)), 0.013, 0.28),
        (((5.2, -0.05), (5.95, -0.1)), 0.013, 0.28),
        (((5.1, -0.45), (5.75, -0.85)), 0.013, 0.26),
        (((1.7, -1.75), (2.7, -2.15), (3.9, -2.0)), 0.016, 0.30),
    ),
    "nose": (
        (((0.0, 0.75), (0.75, 0.35)), 0.012, 0.40),
        (((0.0, 0.25), (0.85, -0.15)), 0.012, 0.42),
        (((0.0, -0.25), (0.85, -0.7)), 0.012, 0.36),
        (((0.95, -1.2), (1.35, -2.0)), 0.016, 0.32),
    ),
    "frown": ((((0.42, 1.35), (0.55, 2.2), (0.42, 3.1)), 0.014, 0.46),),
    "forehead": (
        (((0.0, 4.25), (1.6, 4.35), (3.2, 4.1), (4.3, 3.6)), 0.014, 0.34),
        (((0.0, 5.15), (1.6, 5.25), (3.3, 4.95)), 0.014, 0.32),
        (((0.0, 6.0), (1.5, 6.05), (2.8, 5.8)), 0.013, 0.26),
    ),
    "chin": (
        (((0.0, -7.75), (0.9, -7.8), (1.5, -8.05)), 0.018, 0.40),
        (((0.35, -8.6), (0.45, -9.2)), 0.018, 0.16),
    ),
}
# How much of each weight shows in each map.
_DRIVERS: dict[str, dict[str, float]] = {
    "fold": {"mouthSmile": 0.65, "noseSneer": 0.75, "cheekSquint": 0.25, "mouthDimple": 0.20, "mouthUpperUp": 0.20},
    "crow": {"eyeSquint": 0.55, "cheekSquint": 0.55},
    "nose": {"noseSneer": 1.0, "browDown": 0.12},
    "frown": {"browDown": 0.95},
    "forehead": {"browOuterUp": 0.6, "browInnerUp": 0.55},
    "chin": {"mouthShrugLower": 1.1, "mouthFrown": 0.25},
}

CREASE_NAMES: tuple[str, ...] = tuple(f"{stem}{name}" for stem in _STROKES for name, _ in SIDES)


def crease_drivers() -> NDArray[np.float32]:
    """(maps, 52): strength of each map per unit weight."""
    drivers = np.zeros((len(CREASE_NAMES), WEIGHTS), np.float32)
    for row, name in enumerate(CREASE_NAMES):
        stem, sided_as = next((name[: -len(s)], s) for s, _ in SIDES if name.endswith(s))
        for shape, strength in _DRIVERS[stem].items():
            drivers[row, INDEX[shape if shape in INDEX else shape + sided_as]] += strength
    return drivers


def crease_maps() -> NDArray[np.float32]:
    """(maps, MAP_SIZE, MAP_SIZE) signed darkening; row 0 is the top of the head."""
    axis = (np.arange(MAP_SIZE) + 0.5) / MAP_SIZE * 2 * MAP_REACH - MAP_REACH
    grid = np.stack(np.meshgrid(axis, -axis), -1).reshape(-1, 2)
    maps = np.zeros((len(CREASE_NAMES), MAP_SIZE * MAP_SIZE))
    strokes = [(stem, *stroke) for stem, group in _STROKES.items() for stroke in group]
    # One call for all strokes: it is slow.
    corners = to_plane(front(np.array([point for _, points, _, _ in strokes for point in points])))
    first = 0
    for stem, points, width, depth in strokes:
        line = corners[first : first + len(points)]
        first += len(points)
        for name, sign in SIDES:
            maps[CREASE_NAMES.index(stem + name)] += depth * _stroke(grid, line * [sign, 1], width)
    return maps.reshape(-1, MAP_SIZE, MAP_SIZE).astype(np.float32)


def _stroke(grid: Array, line: Array, width: float) -> Array:
    """A valley along a polyline that thins out toward its ends, with a light ridge on both sides."""
    nearest, place = np.full(len(grid), np.inf), np.zeros(len(grid))
    for i, (a, b) in enumerate(itertools.pairwise(line)):
        t = np.clip(((grid - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
        d = np.linalg.norm(grid - (a + t[:, None] * (b - a)), axis=1)
        place = np.where(d < nearest, (i + t) / (len(line) - 1), place)
        nearest = np.minimum(nearest, d)
    fade = np.clip(np.minimum(place, 1 - place) * 4 + 0.35, 0, 1)
    d = nearest / width
    return np.asarray(fade * (np.exp(-(d**2)) - 0.22 * np.exp(-(((d - 1.9) / 0.9) ** 2))))
