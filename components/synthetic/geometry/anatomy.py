"""Where things are on the template head, in cm, and the curves of its lips and lids.

Axes: x to the subject's left (image right), y up, z to the viewer; the origin lies between the eyes, inside the head.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EYE = np.array([3.05, 0.0, 6.15])  # center of the left eyeball; the right one has -x
EYE_RADIUS = 1.78
LID_RADIUS = EYE_RADIUS * 1.07
MOUTH_Y = -5.75  # height of the lip line
MOUTH_HALF = 2.45  # half width of the mouth
JAW_HINGE = np.array([0.0, -1.2, -0.5])
JAW_ANGLE = np.radians(17.0)  # rotation at jawOpen = 1
PIVOT = np.array([0.0, -9.0, -2.0])  # the head turns about this point of the neck
SIDES = (("Left", 1.0), ("Right", -1.0))

LID_SPAN = 52.0  # azimuth of the outer eye corner on the lid sphere, degrees
LID_INNER = 0.82  # the inner corner's share of that: a wider one would cut into the nose


def smoothstep(x: ArrayLike, low: float = 0.0, high: float = 1.0) -> Array:
    """0 below `low`, 1 above `high`, cubic between; a falling step when `high` < `low`."""
    t = np.clip((np.asarray(x, float) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float64)


def side(point: ArrayLike, sign: float) -> Array:
    """A point of the left half, mirrored to the right half when `sign` is -1."""
    return np.asarray(np.asarray(point, float) * np.array([sign, 1.0, 1.0]))


def lip_line(u: ArrayLike) -> Array:
    """Height of the closed lips' line at u = x / MOUTH_HALF."""
    u = np.asarray(u, float)
    return np.asarray(MOUTH_Y - 0.10 * np.exp(-((u / 0.35) ** 2)) + 0.12 * np.abs(u) ** 3)


def upper_border(u: ArrayLike) -> Array:
    """Height of the upper lip's border (Cupid's bow)."""
    u = np.asarray(u, float)
    arch = 0.66 * np.maximum(1 - np.abs(u) ** 2.2, 0) ** 0.8
    return np.asarray(lip_line(u) + arch - 0.17 * np.exp(-((u / 0.13) ** 2)))


def lower_border(u: ArrayLike) -> Array:
    """Height of the lower lip's border."""
    u = np.asarray(u, float)
    return np.asarray(lip_line(u) - 0.86 * np.maximum(1 - np.abs(u) ** 2.6, 0) ** 0.9)


def upper_lid(lam: ArrayLike) -> Array:
    """Elevation of the upper lid's margin, degrees, at lam = -1 (inner corner) to 1 (outer corner)."""
    lam = np.asarray(lam, float)
    return np.asarray(27 * np.maximum(1 - np.abs(lam) ** 2.3, 0) ** 0.85 + 3.0 * lam)


def lower_lid(lam: ArrayLike) -> Array:
    """Elevation of the lower lid's margin, degrees."""
    lam = np.asarray(lam, float)
    return np.asarray(-20 * np.maximum(1 - np.abs(lam) ** 2.6, 0) ** 0.9 + 3.0 * lam)


def on_eye(lam: ArrayLike, elevation: ArrayLike, sign: float, radius: float = LID_RADIUS) -> Array:
    """Points (N, 3) on a sphere around an eye, from lid coordinates."""
    lam = np.atleast_1d(np.asarray(lam, float))
    azimuth = np.radians(lam * LID_SPAN * np.where(lam < 0, LID_INNER, 1.0))
    e = np.radians(np.broadcast_to(np.asarray(elevation, float), lam.shape))
    ball = np.stack([sign * np.sin(azimuth) * np.cos(e), np.sin(e), np.cos(azimuth) * np.cos(e)], -1)
    return np.asarray(side(EYE, sign) + radius * ball)


def outer_corners() -> Array:
    """(2, 3) outer eye corners of the mean head: left, right."""
    return np.concatenate([on_eye(1.0, upper_lid(1.0), sign) for _, sign in SIDES])
