"""How a synthetic person looks: colors of skin, hair, eyes and clothes, light, and what stands behind.

Colors are linear RGB unless said otherwise. Fields are per vertex of head, then hair, then body.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from components.synthetic.geometry.anatomy import SIDES, Array, side, smoothstep
from components.synthetic.head.hair import COLLAR_Y, FEMALE_STYLES, MALE_STYLES, STYLES, HairMesh, hairline
from components.synthetic.head.parts import SOCK_ROWS
from components.synthetic.head.template import HeadTemplate

# Display (gamma-encoded) colors.
_SKINS = (
    (0.94, 0.76, 0.67), (0.91, 0.70, 0.58), (0.83, 0.61, 0.47), (0.72, 0.49, 0.36), (0.57, 0.38, 0.27),
    (0.43, 0.28, 0.205), (0.95, 0.80, 0.72), (0.78, 0.56, 0.42),
)  # fmt: skip
_HAIRS = (
    (0.10, 0.08, 0.07), (0.23, 0.14, 0.09), (0.40, 0.25, 0.14), (0.66, 0.49, 0.28), (0.48, 0.20, 0.10),
    (0.52, 0.51, 0.50), (0.28, 0.12, 0.11),
)  # fmt: skip
_DARK_SKIN_HAIRS = 2  # the first ones suit dark skin
_CLOTHES = (
    (0.16, 0.22, 0.38), (0.20, 0.38, 0.33), (0.45, 0.15, 0.20), (0.32, 0.34, 0.37), (0.13, 0.42, 0.52),
    (0.40, 0.26, 0.48), (0.74, 0.75, 0.77), (0.12, 0.13, 0.15), (0.30, 0.42, 0.62),
)  # fmt: skip
_IRISES = ((0.30, 0.17, 0.08), (0.20, 0.36, 0.52), (0.25, 0.40, 0.24), (0.36, 0.38, 0.42), (0.42, 0.28, 0.12))


def linear(color: ArrayLike) -> Array:
    """Display color to linear light."""
    return np.asarray(color, float) ** 2.2


@dataclass(frozen=True)
class Look:
    """Everything drawn about a person that is not shape. All from one generator, in this order."""

    female: bool
    style: str
    skin: Array
    hair: Array
    cloth: Array
    iris: Array
    iris_angle: float
    lipstick: float
    stubble: float
    blush: float
    freckles: float

    @classmethod
    def sample(cls, rng: np.random.Generator, female: bool | None = None) -> Look:
        woman = bool(rng.random() < 0.5) if female is None else female
        style = str(rng.choice(FEMALE_STYLES if woman else MALE_STYLES))
        tone = int(rng.integers(len(_SKINS)))
        dark = sum(_SKINS[tone]) < 1.4
        hair = linear(_HAIRS[int(rng.integers(_DARK_SKIN_HAIRS if dark else len(_HAIRS)))]) + 0.003
        return cls(
            woman,
            style,
            linear(_SKINS[tone]),
            hair,
            linear(np.array(_CLOTHES[int(rng.integers(len(_CLOTHES)))]) * rng.uniform(0.85, 1.15)),
            linear(_IRISES[0 if dark else int(rng.integers(len(_IRISES)))]) * 2.0,
            float(rng.uniform(0.47, 0.53)),
            float(rng.uniform(0.2, 0.5)) if woman and rng.random() < 0.6 else 0.0,
            float(rng.uniform(0.25, 0.6)) if not woman and rng.random() < 0.5 else 0.0,
            float(rng.uniform(0.4, 0.8)),
            float(rng.uniform(0.0, 0.5)) if not dark else 0.0,
        )


@dataclass(frozen=True)
class Surface:
    """Per-vertex fields for the shader: albedo (N, 3), occlusion (N,), strand/specular/gloss (N, 3), plane (N, 2)."""

    albedo: NDArray[np.float32]
    occlusion: NDArray[np.float32]
    gloss: NDArray[np.float32]
    plane: NDArray[np.float32]


def paint(head: HeadTemplate, hair: HairMesh, body: Array, look: Look, rng: np.random.Generator) -> Surface:
    """The surface of a whole person."""
    n_head, n_hair = len(head.vertices), len(hair.vertices)
    total = n_head + n_hair + len(body)
    albedo = np.tile(look.skin, (total, 1))
    occlusion = np.ones(total)
    gloss = np.zeros((total, 3))
    plane = np.full((total, 2), 9.0)
    occlusion[:n_head], plane[:n_head] = head.occlusion, head.plane
    _paint_skin(head, albedo[:n_head], look, rng)
    _shade_hairline(head, albedo[:n_head], occlusion[:n_head], look)
    _paint_parts(head, albedo[:n_head], gloss[:n_head], look)
    shell = slice(n_head, n_head + n_hair)
    albedo[shell] = look.hair
    gloss[shell, 0], gloss[shell, 1], gloss[shell, 2] = hair.strands, 0.035 + 0.10 * look.hair.mean(), 14
    occlusion[shell] = np.clip(0.50 + 0.50 * smoothstep(hair.vertices[:, 1], -8, 6), 0, 1)
    rest = slice(n_head + n_hair, total)
    cloth = body[:, 1] < COLLAR_Y
    albedo[rest][cloth] = look.cloth
    occlusion[rest] = np.where(cloth, 0.9, 0.28 + 0.5 * smoothstep(body[:, 1], -9.5, -14.0))
    return Surface(*(a.astype(np.float32) for a in (albedo, occlusion, gloss, plane)))


def _pair(vertices: Array, center: tuple[float, float, float], spread: tuple[float, float, float]) -> Array:
    """Gaussian bumps on both halves of the face."""
    bumps = [np.exp(-0.5 * (((vertices - side(center, s)) / np.asarray(spread)) ** 2).sum(1)) for _, s in SIDES]
    return np.asarray(bumps[0] + bumps[1])


def _mix(colors: Array, amount: Array, target: Array) -> None:
    """Blend per-vertex colors toward one color, in place."""
    colors[:] = colors * (1 - amount[:, None]) + target * amount[:, None]


def _paint_skin(head: HeadTemplate, colors: Array, look: Look, rng: np.random.Generator) -> None:
    v = head.vertices.astype(float)
    y, z = v[:, 1], v[:, 2]
    lips = head.lips.astype(float)
    flush = _pair(v, (3.8, -3.0, 7), (1.7, 1.2, 3)) + 0.4 * _pair(v, (0, -3, 10), (0.6, 0.9, 2))
    flush = np.clip(flush + 0.5 * _pair(v, (6.9, -1, -1), (1, 2, 2)), 0, 1)[:, None] * look.blush
    colors *= 1 + flush * (np.array([1.04, 0.74, 0.72]) - 1)
    colors *= (1 - 0.04 * np.clip(_pair(v, (3.2, -1.5, 7), (1.4, 0.5, 2)), 0, 1))[:, None]  # under the eyes
    mottle = 1 + 0.025 * rng.normal(0, 1, len(v))
    freckled = np.clip(_pair(v, (2.6, -2.4, 7.5), (2.2, 1.0, 3)), 0, 1) * (rng.random(len(v)) < 0.25)
    colors *= (mottle * (1 - 0.22 * look.freckles * freckled))[:, None]
    lip_color = (
        look.skin * np.array([0.74, 0.34, 0.36]) * (1 - look.lipstick) + linear((0.58, 0.16, 0.2)) * look.lipstick
    )
    if look.stubble:
        beard = smoothstep(y, -4.6, -6.2) * smoothstep(z, 1, 4) * (1 - lips) * look.stubble
        beard = beard + _pair(v, (1.2, -4.75, 8.5), (1.0, 0.3, 2)) * 0.5 * look.stubble * (1 - lips)
        _mix(colors, np.clip(beard, 0, 1) * 0.8, look.hair * 0.6 + look.skin * 0.25)
    _mix(colors, lips, lip_color)
    for name, _ in SIDES:
        colors[head.loops[f"lid_upper_{name}"]] = look.skin * 0.10  # lash line
        colors[head.loops[f"lid_lower_{name}"]] = look.skin * np.array([0.50, 0.32, 0.30])
    for loop in ("lip_upper", "lip_lower"):
        colors[head.loops[loop]] = lip_color * 0.55  # the line between closed lips
    sock = head.parts["sock"]
    # A dark mouth: a red one teaches models to paint a red tongue into real mouths.
    colors[sock] = (0.055, 0.018, 0.018)
    ring = (sock.stop - sock.start) // SOCK_ROWS
    colors[sock.start : sock.start + ring] = lip_color * 0.5


def _shade_hairline(head: HeadTemplate, colors: Array, occlusion: Array, look: Look) -> None:
    """Roots show through at the hairline and the hair shadows the skin below it, so that hair is no helmet."""
    v = head.vertices[: head.n_skin].astype(float)
    azimuth = np.arctan2(v[:, 0], v[:, 2])
    above = v[:, 1] - hairline(STYLES[look.style], azimuth, v[:, 0])
    _mix(colors[: head.n_skin], 0.75 * smoothstep(above, -0.55, 0.1), look.hair * 0.5 + look.skin * 0.1)
    occlusion[: head.n_skin] *= 1 - 0.30 * smoothstep(above, -1.6, 0.0)


def _paint_parts(head: HeadTemplate, colors: Array, gloss: Array, look: Look) -> None:
    parts, lips = head.parts, head.lips.astype(float)
    gloss[:, 1] = 0.10 + 0.14 * lips
    gloss[:, 2] = 18 + 14 * lips
    for name in ("teeth_upper", "teeth_lower"):
        colors[parts[name]] = linear((0.93, 0.90, 0.84))
        gloss[parts[name], 1:] = 0.25, 40
    colors[parts["tongue"]] = linear((0.62, 0.30, 0.31))
    gloss[parts["tongue"], 1:] = 0.10, 25
    gloss[parts["sock"], 1] = 0
    for name, _ in SIDES:
        colors[parts[f"eye_{name}"]] = linear((0.92, 0.905, 0.89))
        gloss[parts[f"eye_{name}"], 1] = 0  # the shader draws its own catch light
        brow = parts[f"brow_{name}"]
        # Brows are darker than the hair: they have to be seen, by people and by landmarkers.
        colors[brow] = np.minimum(look.hair * 0.40, 0.06) + look.skin * 0.015
        gloss[brow, 0] = head.vertices[brow, 0] * 0.9 + head.vertices[brow, 1] * 0.35
        gloss[brow, 1] = 0
        colors[parts[f"lash_{name}"]] = 0.006
        gloss[parts[f"lash_{name}"], 1] = 0


@dataclass(frozen=True)
class Light:
    """Three lights and what comes from everywhere."""

    directions: NDArray[np.float32]  # (3, 3) unit vectors toward key, fill, rim
    colors: NDArray[np.float32]  # (3, 3)
    ambient: NDArray[np.float32]  # (3,)


_RIGS = (
    (((0.45, 0.55, 0.75), (-0.7, 0.1, 0.6), (-0.5, 0.5, -0.8)),
     ((1.55, 1.45, 1.32), (0.34, 0.38, 0.46), (0.55, 0.60, 0.75)), (0.36, 0.38, 0.42)),
    (((-0.6, 0.5, 0.65), (0.7, 0.0, 0.6), (0.6, 0.5, -0.7)),
     ((1.50, 1.40, 1.26), (0.32, 0.36, 0.45), (0.80, 0.62, 0.50)), (0.38, 0.36, 0.37)),
    (((0.1, 0.6, 0.8), (-0.8, -0.1, 0.5), (0.8, 0.3, -0.6)),
     ((1.50, 1.48, 1.45), (0.34, 0.34, 0.37), (0.50, 0.50, 0.60)), (0.42, 0.42, 0.44)),
    (((0.70, 0.30, 0.65), (-0.6, 0.2, 0.7), (-0.6, 0.4, -0.8)),
     ((1.55, 1.40, 1.22), (0.32, 0.36, 0.48), (0.50, 0.60, 0.90)), (0.34, 0.34, 0.39)),
)  # fmt: skip
_LIGHT_LEVEL = 0.86


def light_rig(index: int) -> Light:
    directions, colors, ambient = _RIGS[index % len(_RIGS)]
    unit = np.array(directions) / np.linalg.norm(directions, axis=1, keepdims=True)
    scaled = np.array(colors) * _LIGHT_LEVEL
    return Light(unit.astype(np.float32), scaled.astype(np.float32), np.array(ambient, np.float32))


def background(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """(size, size, 3) radiance behind the person: mostly a studio backdrop, as in MEAD; sometimes a blurred room."""
    y, x = np.mgrid[0:size, 0:size] / size
    kind = rng.random()
    if kind < 0.75:
        backdrops = ((0.62, 0.62, 0.63), (0.45, 0.46, 0.48), (0.38, 0.52, 0.42), (0.55, 0.60, 0.66), (0.66, 0.62, 0.57))
        color = linear(np.array(backdrops[int(rng.integers(len(backdrops)))]) * rng.uniform(0.85, 1.1))
        glow = np.hypot(x - rng.uniform(0.35, 0.65), y - 0.42)[..., None]
        return np.asarray(color * (1.18 - 0.75 * glow), np.float32)
    top, bottom = linear(rng.uniform(0.35, 0.75, 3)), linear(rng.uniform(0.2, 0.55, 3))
    t = np.clip(y * rng.uniform(0.6, 1) + x * rng.uniform(-0.3, 0.3), 0, 1)[..., None]
    picture = top * (1 - t) + bottom * t
    for _ in range(12):
        cx, cy, radius = rng.random(), rng.random(), rng.uniform(0.03, 0.10)
        disk = smoothstep(np.hypot(x - cx, y - cy), radius, radius * 0.8)
        picture = picture + (disk * rng.uniform(0.02, 0.10))[..., None] * linear(rng.uniform(0.5, 1, 3))
    return np.asarray(picture, np.float32)
