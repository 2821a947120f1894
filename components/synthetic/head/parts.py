"""Everything of the head that is not skin: mouth lining, teeth, tongue, eyeballs, lashes, brows, ears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import (
    EYE,
    EYE_RADIUS,
    LID_RADIUS,
    MOUTH_Y,
    SIDES,
    Array,
    on_eye,
    side,
    smoothstep,
    upper_lid,
)
from components.synthetic.head.sdf import front
from components.synthetic.head.topology import SkinMesh

# Materials, as the shader knows them.
SKIN, EYEBALL, TEETH, MOUTH, HAIR, BROW, CLOTH, LASH = range(8)
SOCK_ROWS = 5
TEETH_ARC = 1.28  # rad
TEETH_COLUMNS = 37  # a tooth takes four


@dataclass(frozen=True)
class Part:
    name: str
    vertices: Array
    triangles: NDArray[np.int32]
    material: int


def grid(rows: int, columns: int, wrap: bool = False) -> NDArray[np.int32]:
    """Triangles of a rows x columns lattice; `wrap` joins the last column to the first."""
    out = []
    for i in range(rows - 1):
        for j in range(columns if wrap else columns - 1):
            a, b = i * columns + j, i * columns + (j + 1) % columns
            out += [(a, a + columns, b), (b, a + columns, b + columns)]
    return np.array(out, np.int32)


def sphere(
    center: Sequence[float] | Array, radii: Sequence[float], around: int, down: int, cap: float = np.pi
) -> tuple[Array, NDArray[np.int32]]:
    """A latitude-longitude ellipsoid with its pole at +z, down to the polar angle `cap`."""
    v = np.linspace(0, cap, down)[:, None]
    u = np.linspace(0, 2 * np.pi, around, endpoint=False)[None]
    unit = np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v) * np.ones_like(u)], -1).reshape(-1, 3)
    return unit * np.asarray(radii) + np.asarray(center), grid(down, around, True)


def ribbon(line: Array, offset: Array, heights: Sequence[float]) -> tuple[Array, NDArray[np.int32]]:
    """A strip along `line` (N, 3) that extends by `offset` (N, 3) times each height."""
    rows = [line + offset * h for h in heights]
    return np.concatenate(rows), grid(len(heights), len(line))


def mouth_lining(mesh: SkinMesh) -> tuple[Part, Array]:
    """A sack behind the lips, closed at its end; and which of its vertices hang on the upper lip (1, 0, or 0.5)."""
    upper, lower = mesh.vertices[mesh.loops["lip_upper"]], mesh.vertices[mesh.loops["lip_lower"]]
    ring = np.concatenate([upper, lower[1:-1][::-1]])
    n = len(ring)
    is_upper = np.concatenate([np.ones(len(upper)), np.zeros(n - len(upper))])
    rows = [ring]
    for depth, width in ((0.25, 1.0), (0.9, 0.97), (2.2, 0.9), (4.5, 0.7)):
        row = ring.copy()
        row[:, 0] *= width
        row[:, 2] -= depth
        row[:, 1] += np.where(is_upper > 0, 1, -1) * min(depth, 0.35) * 0.5
        rows.append(row)
    vertices = np.concatenate([*rows, rows[-1].mean(0, keepdims=True)])
    last = (SOCK_ROWS - 1) * n
    cap = np.array([(last + j, last + (j + 1) % n, SOCK_ROWS * n) for j in range(n)], np.int32)
    triangles = np.concatenate([grid(SOCK_ROWS, n, True)[:, ::-1], cap])
    return Part("sock", vertices, triangles, MOUTH), np.concatenate([np.tile(is_upper, SOCK_ROWS), [0.5]])


def _teeth() -> list[Part]:
    a = np.linspace(-TEETH_ARC, TEETH_ARC, TEETH_COLUMNS)
    arc = np.stack([2.2 * np.sin(a), np.zeros_like(a), 1.95 * np.cos(a) + 5.75], -1)
    curve = 0.16 * np.sin(a) ** 2 + 0.03 * np.abs(np.sin(np.arange(TEETH_COLUMNS) * np.pi / 4)) - 0.03
    out = []
    for name, top, bottom in (
        ("teeth_upper", MOUTH_Y + 0.55, MOUTH_Y - 0.24),
        ("teeth_lower", MOUTH_Y - 1.0, MOUTH_Y - 0.38),
    ):
        drop = np.tile([0, bottom - top, 0.06], (TEETH_COLUMNS, 1))
        drop[:, 1] += curve if name == "teeth_upper" else 0  # the edge rises to the sides and dips between teeth
        out.append(Part(name, *ribbon(arc + np.array([0, top, 0]), drop, np.linspace(0, 1, 4).tolist()), TEETH))
    return out


def _lashes(name: str, sign: float) -> Part:
    lam = np.linspace(-0.97, 1.0, 24)
    root = on_eye(lam, upper_lid(lam) - 1.0, sign, LID_RADIUS * 1.005)
    flare = smoothstep(lam, -0.6, 1)
    tip = on_eye(
        lam + 0.10 * smoothstep(lam, -0.5, 1.2), upper_lid(lam) + 3 + 5 * flare, sign, LID_RADIUS * 1.005 + 0.16
    )
    reach = (tip - root) * (0.35 + 0.65 * smoothstep(lam, -0.9, 0.9))[:, None]
    return Part(f"lash_{name}", *ribbon(root, reach, [0, 0.5, 1.0]), LASH)


def _brow(name: str, sign: float) -> Part:
    """A raised ribbon; about 2 cm above the eye's center, where landmarkers expect a brow."""
    t = np.linspace(0, 1, 20)
    x = sign * (1.15 + 4.0 * t)
    y = 1.95 + 0.55 * np.sin(np.pi * np.clip(t * 0.85 + 0.08, 0, 1)) - 0.70 * t**2
    half = 0.38 * (1 - 0.72 * t**1.5) * smoothstep(t, -0.15, 0.2)
    middle, top, bottom = (front(np.stack([x, y + k * half], -1)) for k in (0, 1, -1))
    normal = middle / np.linalg.norm(middle, axis=1, keepdims=True)
    rows = [
        bottom + normal * 0.04,
        (bottom + middle) / 2 + normal * 0.17,
        middle + normal * 0.22,
        (top + middle) / 2 + normal * 0.17,
        top + normal * 0.04,
    ]
    return Part(f"brow_{name}", np.concatenate(rows), grid(len(rows), len(t)), BROW)


EAR_CENTER = np.array([6.95, -0.9, -1.1])


def _ear(name: str, sign: float) -> Part:
    x, triangles = sphere((0, 0, 0), (0.55, 2.1, 1.25), 22, 14)
    r = np.hypot(x[:, 1] / 2.1, x[:, 2] / 1.25)
    x[:, 0] += np.where(x[:, 0] > 0, -0.55 * np.exp(-((r / 0.55) ** 2)), 0) - 0.075 * x[:, 2]
    turn = np.array([[np.cos(0.35), 0, -np.sin(0.35)], [0, 1, 0], [np.sin(0.35), 0, np.cos(0.35)]])
    x = x @ turn
    x[:, 2] += 0.12 * x[:, 1]
    return Part(f"ear_{name}", x * [sign, 1, 1] + side(EAR_CENTER, sign), triangles, SKIN)


def build_parts(mesh: SkinMesh) -> tuple[list[Part], Array]:
    """All parts after the skin, and the lining's upper-lip membership."""
    lining, lining_upper = mouth_lining(mesh)
    parts = [lining, *_teeth()]
    parts.append(Part("tongue", *sphere((0, MOUTH_Y - 0.95, 5.6), (1.45, 0.5, 1.9), 18, 12), MOUTH))
    for name, sign in SIDES:
        ball = sphere(side(EYE, sign), [EYE_RADIUS] * 3, 28, 20, np.pi * 0.72)
        parts += [Part(f"eye_{name}", *ball, EYEBALL), _lashes(name, sign), _brow(name, sign), _ear(name, sign)]
    return [facing_out(part) for part in parts], lining_upper


def facing_out(part: Part) -> Part:
    """The part with triangles that turn outward (inward for the lining), so that back faces can be skipped."""
    corners = part.vertices[part.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    # Ribbons on the face have their outside away from the head's middle, closed parts away from their own.
    center = np.zeros(3) if part.material in (BROW, LASH) else part.vertices.mean(0)
    outward = float((normals * (corners.mean(1) - center)).sum())
    if outward < 0:
        return Part(part.name, part.vertices, part.triangles[:, ::-1].copy(), part.material)
    return part
