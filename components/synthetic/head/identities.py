"""28 directions in which people differ: linear, symmetric displacement fields of the template."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.synthetic.geometry.anatomy import (
    EYE,
    LID_RADIUS,
    MOUTH_HALF,
    MOUTH_Y,
    SIDES,
    Array,
    lip_line,
    side,
    smoothstep,
)
from components.synthetic.head.expressions import along
from components.synthetic.head.parts import EAR_CENTER, EYEBALL

IDENTITY_NAMES: tuple[str, ...] = (
    "width", "height", "depth", "jawWidth", "jawLong", "chinOut", "chinWide", "cheeks", "cheekbone", "forehead", "brow",
    "noseLong", "noseWide", "noseOut", "noseTip", "bridge", "noseSize", "eyeSpace", "eyeSize", "eyeHigh", "eyeTilt",
    "mouthWide", "mouthHigh", "lipFull", "lipOut", "temple", "ears", "browHigh",
)  # fmt: skip


def identity_basis(vertices: Array, materials: np.ndarray, parts: dict[str, slice]) -> Array:
    """(28, V, 3) cm per standard deviation, in the order of `IDENTITY_NAMES`. materials (V,)."""
    shapes = _skull(vertices) | _nose(vertices) | _eyes(vertices, materials, parts) | _mouth(vertices)
    ears = np.zeros_like(vertices)
    for name, sign in SIDES:
        part = parts[f"ear_{name}"]
        ears[part] = (vertices[part] - side(EAR_CENTER, sign)) * 0.25
    shapes["ears"] = ears
    for name in ("lipFull", "lipOut"):  # what lies behind the lips stays
        for hidden in ("teeth_upper", "teeth_lower", "tongue"):
            shapes[name][parts[hidden]] = 0
    return np.stack([shapes[name] for name in IDENTITY_NAMES])


def _bump(v: Array, center: Sequence[float], spread: Sequence[float], sign: float = 1.0) -> Array:
    return np.asarray(np.exp(-0.5 * (((v - side(center, sign)) / np.asarray(spread, float)) ** 2).sum(1)))


def _both(v: Array, center: Sequence[float], spread: Sequence[float], move: Sequence[float]) -> Array:
    left, right = (along(_bump(v, center, spread, s), side(move, s).tolist()) for _, s in SIDES)
    return left + right


def _widen(v: Array, weight: Array) -> Array:
    out = np.zeros_like(v)
    out[:, 0] = v[:, 0] * weight
    return out


def _skull(v: Array) -> dict[str, Array]:
    x, y, z = v.T
    zero = np.zeros_like(x)
    low = smoothstep(y, 2, -8)
    return {
        "width": np.stack([0.07 * x, zero, zero], -1),
        "height": np.stack([zero, 0.06 * y, zero], -1),
        "depth": np.stack([zero, zero, 0.05 * z * smoothstep(z, 4, -6)], -1),
        "jawWidth": _widen(v, 0.13 * low * smoothstep(z, 9, 2) * smoothstep(np.abs(x), 1.2, 4)),
        "jawLong": along(smoothstep(y, -5.5, -9.5), [0, -0.9, 0]),
        "chinOut": along(_bump(v, (0, -9.2, 7), (2.2, 1.6, 3)), [0, -0.15, 0.9]),
        "chinWide": _widen(v, 0.35 * _bump(v, (0, -9.2, 6.5), (2.2, 1.3, 2.5))),
        "cheeks": _both(v, (4.6, -4.6, 5), (1.9, 2.0, 3), [0.6, -0.1, 0.35]),
        "cheekbone": _both(v, (4.6, -2.0, 5.4), (1.6, 1.1, 2.5), [0.5, 0.15, 0.4]),
        "forehead": along(smoothstep(y, 2, 9), [0, 1.0, 0.2]),
        "brow": _both(v, (2.6, 2.1, 7), (2.2, 0.8, 2), [0, 0, 0.45]),
        "browHigh": _both(v, (3, 2.9, 7), (2.0, 0.7, 2.5), [0, 0.4, 0]),
        "temple": _widen(v, -0.07 * smoothstep(y, 1, 7)),
    }


def _nose(v: Array) -> dict[str, Array]:
    return {
        "noseLong": along(_bump(v, (0, -3.0, 9.3), (1.3, 1.1, 1.8)), [0, -0.6, 0.15]),
        "noseWide": _widen(v, 0.36 * _bump(v, (0, -3.1, 9), (1.7, 1.0, 1.6))),
        "noseOut": along(_bump(v, (0, -2.8, 9.6), (1.1, 1.2, 1.5)), [0, 0, 0.75]),
        "noseTip": along(_bump(v, (0, -2.9, 9.8), (0.9, 0.8, 1.2)), [0, 0.45, 0.1]),
        "bridge": along(_bump(v, (0, -0.6, 8), (0.7, 1.6, 1.4)), [0, 0, 0.5]),
        "noseSize": (v - np.array([0, -2.8, 8])) * 0.17 * _bump(v, (0, -2.9, 9.1), (1.5, 1.5, 1.6))[:, None],
    }


def _eyes(v: Array, materials: np.ndarray, parts: dict[str, slice]) -> dict[str, Array]:
    x = v[:, 0]

    def moved(move: Sequence[float], scale: float = 0.0) -> Array:
        out = np.zeros_like(v)
        for name, sign in SIDES:
            center = side(EYE, sign)
            beyond = np.maximum(np.linalg.norm(v - center, axis=1) - LID_RADIUS * 1.15, 0)
            weight = np.exp(-0.5 * beyond**2 / 0.8**2) * smoothstep(sign * x, -0.3, 0.6)
            other = "Right" if name == "Left" else "Left"
            weight[parts[f"eye_{other}"]] = 0
            out += weight[:, None] * (side(move, sign) + scale * (v - center))
        return out

    tilt = np.zeros_like(v)
    for _, sign in SIDES:
        center = side(EYE, sign)
        beyond = np.maximum(np.linalg.norm(v - center, axis=1) - LID_RADIUS * 1.1, 0)
        weight = np.exp(-0.5 * beyond**2 / 0.7**2) * smoothstep(sign * x, -0.3, 0.6) * (materials != EYEBALL)
        tilt[:, 1] += weight * sign * (x - center[0]) * 0.16
    return {
        "eyeSpace": moved([0.28, 0, -0.06]),
        "eyeSize": moved([0, 0, 0], 0.10),
        "eyeHigh": moved([0, 0.35, 0]),
        "eyeTilt": tilt,
    }


def _mouth(v: Array) -> dict[str, Array]:
    x, y, z = v.T
    region = np.exp(-0.5 * ((x / 3.2) ** 4 + ((y - MOUTH_Y) / 1.6) ** 2)) * smoothstep(z, 2, 5)
    u = np.clip(x / MOUTH_HALF, -1, 1)
    line = lip_line(u)
    lips = np.exp(-0.5 * ((y - line) / 0.75) ** 2) * (np.abs(x) < MOUTH_HALF) * (1 - u**2) * smoothstep(z, 4, 6)
    zero = np.zeros_like(x)
    full = np.stack([zero, (y - line) * 0.45 * lips, 0.28 * lips * np.minimum(np.abs(y - line) / 0.3, 1)], -1)
    return {
        "mouthWide": _widen(v, 0.15 * region),
        "mouthHigh": along(region, [0, 0.4, 0]),
        "lipFull": full,
        "lipOut": along(lips, [0, 0, 0.35]),
    }
