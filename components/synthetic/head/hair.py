"""Hair as a shell around the skull that is cut off at a hairline, plus bodies of long hair, buns and tails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import Array, smoothstep
from components.synthetic.head.parts import grid, sphere
from components.synthetic.head.sdf import skull, trace

_ROWS, _COLUMNS = 64, 112


@dataclass(frozen=True)
class HairStyle:
    """Lengths in cm. front: height of the hairline above the brows; low: where it ends over the ears."""

    front: float
    low: float
    thickness: float
    top: float = 0.0  # added on top
    quiff: float = 0.0  # added over the forehead
    fall: float = 0.0  # added at the sides below the temples
    parting: float = 0.0  # slant of the hairline
    curls: float = 0.0
    cover: tuple[float, float] = (0.85, 1.45)  # azimuth, rad, over which the hairline drops from forehead to ear
    drape: float = 0.0  # length of the hair behind the neck; 0: none
    bun: bool = False


STYLES: dict[str, HairStyle] = {
    "short": HairStyle(6.2, -1.2, 0.60, top=0.8),
    "quiff": HairStyle(6.5, -0.6, 0.50, quiff=2.0, top=0.3),
    "side": HairStyle(6.1, -1.8, 0.65, top=0.9, parting=1.4),
    "afro": HairStyle(6.1, -2.0, 2.3, curls=0.35),
    "bob": HairStyle(6.0, -8.2, 0.85, top=0.4, fall=0.9, cover=(0.80, 1.15), drape=8.0),
    "long": HairStyle(6.4, -13.0, 0.80, top=0.4, fall=0.8, parting=0.8, cover=(0.82, 1.18), drape=12.5),
    "bun": HairStyle(6.7, -0.5, 0.50, bun=True),
    "ponytail": HairStyle(6.5, -0.8, 0.55, top=0.3, parting=0.9, drape=0.0),
}
FEMALE_STYLES = ("bob", "long", "bun", "side", "ponytail", "afro")
MALE_STYLES = ("short", "quiff", "side", "short", "afro", "quiff")


@dataclass(frozen=True)
class HairMesh:
    vertices: Array  # (N, 3)
    triangles: NDArray[np.int32]  # (F, 3)
    strands: Array  # (N,) coordinate across the strands


def hairline(style: HairStyle, azimuth: Array, x: Array) -> Array:
    """Height, cm, above which there is hair, around the head."""
    side = smoothstep(np.abs(azimuth), *style.cover)
    nape = smoothstep(np.abs(azimuth), 1.75, 2.3)
    front = style.front - 0.5 * (1 - np.cos(azimuth * 2.2)) * (np.abs(azimuth) < 1.2)
    line = front * (1 - side) + style.low * side
    line = line * (1 - nape) + min(style.low, -5.5) * nape
    return np.asarray(line - style.parting * np.clip(x / 5, -1, 1) * (1 - side))


def build_hair(style: HairStyle, rng: np.random.Generator) -> HairMesh:
    """The hair of a style; `rng` varies the strands a little."""
    polar = np.linspace(0.02, np.pi - 0.25, _ROWS)[:, None]
    around = np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)[None]
    d = np.stack(
        [np.sin(polar) * np.sin(around), np.cos(polar) + 0 * around, np.sin(polar) * np.cos(around)], -1
    ).reshape(-1, 3)
    base = trace(d, skull)
    x, y, z = base.T
    azimuth = np.arctan2(x, z)
    side = smoothstep(np.abs(azimuth), *style.cover)
    grown = smoothstep(y - hairline(style, azimuth, x), -0.15, 0.9)
    thickness = style.thickness + style.top * smoothstep(y, 5, 10) * smoothstep(z, -6, 4)
    thickness = thickness + style.quiff * smoothstep(y, 6, 9) * smoothstep(z, 0, 7) * (0.8 + 0.2 * np.cos(x * 1.2))
    thickness = thickness + style.fall * side * smoothstep(y, 3, -3)
    thickness = thickness + style.curls * np.sin(x * 2.1) * np.sin(y * 2.3 + 1) * np.sin(z * 2.2)
    wave = np.broadcast_to(np.sin(polar) * 4, (_ROWS, _COLUMNS)).ravel() + rng.uniform(0, 6)
    thickness = thickness + 0.10 * np.sin(azimuth * 23 + wave)
    vertices = base + d * ((thickness + 0.35) * grown - 0.35)[:, None]
    triangles = grid(_ROWS, _COLUMNS, True)
    # The shell dives under the skin at the hairline; deeper triangles would show through mouth and eye corners.
    triangles = triangles[grown[triangles].max(1) > 0.02]
    down = np.broadcast_to(np.cos(polar), (_ROWS, _COLUMNS)).ravel()
    strands = azimuth + 0.7 * down if style.parting == 0 else x * 0.16 + 0.03 * z
    pieces = [(vertices, triangles, strands), *_extras(style)]
    return _joined(pieces)


def _extras(style: HairStyle) -> list[tuple[Array, NDArray[np.int32], Array]]:
    extras = []
    if style.drape:
        v, t = sphere((0, 2.0 - style.drape * 0.62, -3.5), (8.0, style.drape, 4.4), 32, 20)
        v[:, :3] += (0.12 * np.sin(np.arctan2(v[:, 0], v[:, 2]) * 19))[:, None] * [1, 0, 1]
        extras.append((v, t, np.arctan2(v[:, 0], v[:, 2])))
    if style.bun:
        v, t = sphere((0, 12.0, -3.2), (2.9, 2.5, 2.8), 26, 18)
        extras.append((v, t, np.arctan2(v[:, 1] - 12, v[:, 0])))
    return extras


def _joined(pieces: list[tuple[Array, NDArray[np.int32], Array]]) -> HairMesh:
    first, triangles = 0, []
    for vertices, faces, _ in pieces:
        outward = vertices[faces]
        normal = np.cross(outward[:, 1] - outward[:, 0], outward[:, 2] - outward[:, 0])
        flip = (normal * (outward.mean(1) - vertices.mean(0))).sum() < 0
        triangles.append((faces[:, ::-1] if flip else faces) + first)
        first += len(vertices)
    return HairMesh(
        np.concatenate([p[0] for p in pieces]),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate([p[2] for p in pieces]),
    )


def build_body(width: float) -> tuple[Array, NDArray[np.int32]]:
    """Neck, shoulders and collar: (N, 3) and triangles. Above `COLLAR_Y` it is skin, below cloth."""
    rings = (  # height, half width, half depth, center z
        (-4, 3.7, 4.0, -1.3), (-8, 3.6, 3.9, -1.5), (-11.0, 3.7, 4.0, -1.9), (-13.2, 4.3, 4.3, -2.2),
        (-14.2, 5.4, 4.8, -2.4), (-14.25, 6.0, 5.3, -2.4), (-15.2, 8.6, 5.6, -2.6), (-16.6, 12.2, 5.9, -2.8),
        (-18.6, 15.0, 6.2, -2.8), (-21, 16.5, 6.8, -2.8), (-30, 16.5, 7.2, -2.6),
    )  # fmt: skip
    u = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    rows = []
    for y, rx, rz, cz in rings:
        droop = -0.12 * np.maximum(np.abs(rx * np.sin(u)) - 5, 0) if rx > 5.9 else np.zeros_like(u)
        rows.append(np.stack([width * rx * np.sin(u), y + droop, cz + rz * np.cos(u)], -1))
    vertices = np.concatenate(rows)
    triangles = grid(len(rings), 48, True)
    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = (corners.mean(1) - [0, 0, -2.4]) * [1, 0, 1]
    return vertices, triangles if (normal * outward).sum() > 0 else triangles[:, ::-1].copy()


COLLAR_Y = -14.21
