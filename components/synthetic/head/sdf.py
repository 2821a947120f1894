"""The template head as a signed distance field: ellipsoids and capsules that melt into each other, mirrored in x.

Smooth minimum after I. Quilez's polynomial form. All lengths in cm; points are (..., 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from components.synthetic.geometry.anatomy import EYE, LID_RADIUS, Array

Field = Callable[[Array], Array]
_FAR = 17.0  # cm: a sphere of this radius around the origin holds the head
_NEAR = 1e-4  # cm: near enough to the surface


def smooth_min(a: Array, b: Array, width: float) -> Array:
    """Minimum of two distances with a rounded seam of `width`."""
    h = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return np.asarray(b * (1 - h) + a * h - width * h * (1 - h))


def smooth_max(a: Array, b: Array, width: float) -> Array:
    return -smooth_min(-a, -b, width)


def ellipsoid(p: Array, center: Sequence[float] | Array, radii: Sequence[float]) -> Array:
    q, r = p - np.asarray(center), np.asarray(radii)
    k0 = np.linalg.norm(q / r, axis=-1)
    k1 = np.linalg.norm(q / r**2, axis=-1)
    return np.asarray(k0 * (k0 - 1) / np.maximum(k1, 1e-6))


def capsule(p: Array, start: Sequence[float], end: Sequence[float], start_radius: float, end_radius: float) -> Array:
    a, b = np.asarray(start, float), np.asarray(end, float)
    t = np.clip(((p - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
    return np.asarray(
        np.linalg.norm(p - (a + t[..., None] * (b - a)), axis=-1) - (start_radius + (end_radius - start_radius) * t)
    )


def skin(points: Array) -> Array:
    """Signed distance to the skin of the template head."""
    q = points.copy()
    q[..., 0] = np.abs(q[..., 0])
    d = ellipsoid(q, (0, 2.7, -1.6), (7.1, 8.0, 8.9))  # cranium
    d = smooth_min(d, ellipsoid(q, (0, -2.2, 1.4), (6.25, 8.2, 6.9)), 2.0)  # face
    d = smooth_min(d, capsule(q, (4.1, -5.6, 0.3), (1.0, -9.1, 4.6), 1.8, 1.7), 2.2)  # jaw
    d = smooth_min(d, ellipsoid(q, (0, -9.3, 6.0), (1.7, 1.5, 1.5)), 1.6)  # chin
    d = smooth_min(d, ellipsoid(q, (3.55, -3.0, 5.2), (2.55, 2.3, 2.3)), 1.6)  # cheek
    d = smooth_min(d, ellipsoid(q, (0, -5.6, 6.2), (3.2, 2.4, 2.5)), 1.5)  # muzzle
    d = smooth_min(d, capsule(q, (0.6, 2.15, 7.0), (4.5, 2.0, 5.2), 0.95, 0.8), 1.4)  # brow ridge
    d = smooth_max(d, -ellipsoid(q, EYE + np.array([0.1, -0.05, 1.85]), (2.35, 1.75, 1.5)), 1.2)  # socket
    d = smooth_min(d, capsule(q, (0, 0.6, 7.35), (0, -2.6, 9.35), 0.62, 0.80), 0.85)  # nose bridge
    d = smooth_min(d, ellipsoid(q, (0, -2.95, 9.55), (1.05, 0.92, 0.95)), 0.55)  # nose tip
    d = smooth_min(d, ellipsoid(q, (1.08, -3.2, 8.65), (0.68, 0.66, 0.85)), 0.38)  # nose wing
    d = smooth_max(d, -ellipsoid(q, (0.55, -3.80, 9.2), (0.40, 0.50, 0.55)), 0.14)  # nostril
    d = smooth_max(d, -capsule(q, (0, -4.0, 9.3), (0, -5.0, 9.2), 0.42, 0.42), 0.35)  # philtrum
    return smooth_min(d, np.linalg.norm(q - EYE, axis=-1) - LID_RADIUS, 0.42)  # lids


def skull(points: Array) -> Array:
    """A smooth head without features: what hair grows on."""
    return smooth_min(
        ellipsoid(points, (0, 2.7, -1.6), (7.1, 8.0, 8.9)), ellipsoid(points, (0, -2.2, 1.0), (6.3, 8.2, 7.0)), 2.0
    )


def trace(directions: Array, field: Field = skin, steps: int = 90) -> Array:
    """Walk from far outside toward the origin along unit `directions` (N, 3) until the surface; (N, 3) points."""
    t = np.full(len(directions), _FAR)
    for _ in range(steps):
        # A blend of distances overestimates a little: shorter steps keep it from passing the surface.
        step = 0.75 * field(directions * t[:, None])
        t = np.maximum(t - step, 1.0)
        if np.abs(step).max() < _NEAR:
            break
    return np.asarray(directions * t[:, None])


def to_plane(points: Array) -> Array:
    """(N, 3) points -> (N, 2) azimuthal-equidistant coordinates of their direction, rad; (0, 0) is straight ahead."""
    d = points / np.linalg.norm(points, axis=-1, keepdims=True)
    angle = np.arccos(np.clip(d[:, 2], -1, 1))
    across = np.hypot(d[:, 0], d[:, 1]) + 1e-9
    return np.stack([d[:, 0] / across * angle, d[:, 1] / across * angle], -1)


def from_plane(plane: Array) -> Array:
    """The inverse of `to_plane`: unit directions."""
    angle = np.hypot(plane[:, 0], plane[:, 1])
    s = np.sinc(angle / np.pi)
    return np.stack([plane[:, 0] * s, plane[:, 1] * s, np.cos(angle)], -1)


def front(xy: Array) -> Array:
    """Points of the face whose x and y are given; (N, 2) -> (N, 3). Fixed-point iteration over the depth."""
    z = np.full(len(xy), 8.0)
    points = np.column_stack([xy, z])
    for _ in range(12):
        d = np.column_stack([xy, z])
        points = trace(d / np.linalg.norm(d, axis=1, keepdims=True))
        moved = points[:, 2] - z
        z = z + 0.6 * moved
        if np.abs(moved).max() < _NEAR:
            break
    return points
