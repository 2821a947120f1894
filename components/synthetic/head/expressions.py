"""The 52 ARKit shapes as displacement fields of the template's rest position.

Fields are functions of position, so brows, lashes and mouth lining follow the skin under them. All are linear in the
weight; what cannot be linear (lids on eyeballs, lips in contact) is corrected in `contact`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.common.arkit import ARKIT_NAMES, GAZE_RANGE
from components.synthetic.geometry.anatomy import (
    EYE,
    JAW_ANGLE,
    JAW_HINGE,
    LID_INNER,
    LID_RADIUS,
    LID_SPAN,
    MOUTH_HALF,
    MOUTH_Y,
    SIDES,
    Array,
    lip_line,
    lower_lid,
    side,
    smoothstep,
    upper_lid,
)
from components.synthetic.head.topology import PLAIN, UPPER_LID, UPPER_LIP

_RIGID = ("teeth_upper", "teeth_lower", "tongue", "eye_Left", "eye_Right", "ear_Left", "ear_Right")


def along(weight: Array, direction: Sequence[float]) -> Array:
    """(V,) weights times a direction: (V, 3)."""
    return np.asarray(weight[:, None] * np.asarray(direction, float))


def rotate_x(points: Array, center: Array, angle: float) -> Array:
    """Turn points about an axis parallel to x; positive turns the front down."""
    q = points - center
    c, s = np.cos(angle), np.sin(angle)
    turned = np.stack([q[:, 0], q[:, 1] * c - q[:, 2] * s, q[:, 1] * s + q[:, 2] * c], -1)
    return np.asarray(turned + center)


class Regions:
    """Soft masks of the template that the shapes share.

    vertices (V, 3); labels (V,) of `topology` (0 outside the skin); parts: vertex slices by name; lining_upper: the
    lining's upper-lip membership; lip_upper, lip_lower: vertex indices of the lip loops.
    """

    def __init__(
        self,
        vertices: Array,
        labels: np.ndarray,
        parts: dict[str, slice],
        lining_upper: Array,
        lip_upper: np.ndarray,
        lip_lower: np.ndarray,
    ) -> None:
        self.vertices, self.parts = vertices, parts
        self.lip_upper, self.lip_lower = lip_upper, lip_lower
        self.x, self.y, self.z = vertices.T
        self.u = np.clip(self.x / MOUTH_HALF, -1, 1)
        self.line = lip_line(self.u)
        self.soft = np.ones(len(vertices))  # 0 on what expressions never bend
        for name in _RIGID:
            self.soft[parts[name]] = 0
        above = (labels == UPPER_LIP) | (labels >= UPPER_LID) | ((labels == PLAIN) & (self.y > self.line))
        self.upper = above.astype(float)
        self.upper[parts["sock"]] = lining_upper
        self.lower = 1 - self.upper
        self.jaw = self._jaw_weight(labels, above, lining_upper)
        self.mouth_front = (np.abs(self.x) < MOUTH_HALF) * smoothstep(self.z, 4, 6) * self.soft

    def _jaw_weight(self, labels: np.ndarray, above: np.ndarray, lining_upper: Array) -> Array:
        """How far each vertex follows the jaw: 0 above the mouth, 1 below, a wedge beyond the corners."""
        outside = np.maximum(np.abs(self.x) - MOUTH_HALF, 0)
        blend = 0.10 + 0.9 * outside
        below_line = (self.line - self.y + blend) / (2 * blend)
        weight = below_line.clip(0, 1) ** 2 * (3 - 2 * below_line.clip(0, 1))
        middle = 1 - np.abs(self.u) ** 3
        fade_up = np.exp(-np.maximum(self.y - self.line, 0))
        fade_down = np.exp(-np.maximum(self.line - self.y, 0))
        split = np.where(above, 0.5 * (1 - middle) * fade_up, 1 - 0.5 * (1 - middle) * fade_down)
        weight = np.where(np.abs(self.x) < MOUTH_HALF, split, weight) * smoothstep(self.z, -4, 2)
        sock = self.parts["sock"]
        weight[sock] = np.where(lining_upper > 0, 0.5 * (1 - middle[sock]), 1 - 0.5 * (1 - middle[sock]))
        for name, part in self.parts.items():
            if name in ("teeth_lower", "tongue"):
                weight[part] = 1
            elif name.split("_")[0] in ("teeth", "eye", "lash", "brow", "ear"):
                weight[part] = 0
        return np.asarray(weight)

    def blob(self, center: Sequence[float], spread: Sequence[float], sign: float = 1.0) -> Array:
        """(V,) Gaussian bump, mirrored by `sign`, zero on rigid parts."""
        d = (self.vertices - side(center, sign)) / np.asarray(spread, float)
        return np.asarray(np.exp(-0.5 * (d**2).sum(1)) * self.soft)

    def half(self, sign: float) -> Array:
        """1 on one half of the face, 0 on the other, soft between."""
        return smoothstep(sign * self.x, -0.6, 0.6)


def expression_basis(regions: Regions) -> Array:
    """(52, V, 3) displacements in cm at weight 1, in the order of `arkit.ARKIT_NAMES`."""
    shapes = _jaw(regions) | _whole_mouth(regions)
    for name, sign in SIDES:
        shapes |= {f"{stem}{name}": field for stem, field in _half_mouth(regions, sign).items()}
        shapes |= {f"{stem}{name}": field for stem, field in _upper_face(regions, sign).items()}
        shapes |= {f"{stem}{name}": field for stem, field in _lids(regions, name, sign).items()}
    shapes["browInnerUp"] = np.sum([_brow_inner(regions, sign) for _, sign in SIDES], axis=0)
    return np.stack([shapes[name] for name in ARKIT_NAMES])


def _jaw(r: Regions) -> dict[str, Array]:
    opened = r.jaw[:, None] * (rotate_x(r.vertices, JAW_HINGE, JAW_ANGLE) - r.vertices)
    shapes = {
        "jawOpen": opened,
        "jawForward": along(r.jaw, [0, 0, 0.7]),
        "jawLeft": along(r.jaw, [0.8, 0, 0]),
        "jawRight": along(r.jaw, [-0.8, 0, 0]),
        "mouthClose": _close(r, opened),
    }
    tongue = np.zeros_like(r.vertices)
    part = r.parts["tongue"]
    # The tip travels, the root stays.
    tip = smoothstep(r.z[part], 3.8, 7.4)
    tongue[part] = along(tip, [0, 1.0, 3.3])
    return shapes | {"tongueOut": tongue}


def _close(r: Regions, opened: Array) -> Array:
    """Brings the lips of the open jaw together again: both lips travel as wholes, the chin stays down."""
    columns = r.x[r.lip_upper]
    gap = opened[r.lip_lower] - opened[r.lip_upper]  # (columns, 3)
    spread = np.stack([np.interp(r.x, columns, gap[:, k]) for k in range(3)], -1)
    below, above = np.maximum(r.line - r.y, 0), np.maximum(r.y - r.line, 0)
    reach_down = np.exp(-((np.maximum(below - 0.7, 0) / 0.9) ** 2)) * r.lower
    reach_up = np.exp(-((np.maximum(above - 0.5, 0) / 0.8) ** 2)) * r.upper
    fade = smoothstep(np.abs(r.x), MOUTH_HALF * 1.05, MOUTH_HALF * 0.98) * smoothstep(r.z, 1, 5) * r.soft
    return np.asarray(spread * ((0.3 * reach_up - 0.7 * reach_down) * fade)[:, None])


def _whole_mouth(r: Regions) -> dict[str, Array]:
    x, y, z = r.x, r.y, r.z
    around = np.exp(-0.5 * ((np.abs(x) / (MOUTH_HALF * 1.15)) ** 4 + ((y - MOUTH_Y) / 1.5) ** 2))
    around = around * smoothstep(z, 3, 6) * r.soft
    push = np.exp(-((x / 2.2) ** 2))
    apart = np.where(r.upper > 0, 0.42, -0.45) * np.exp(-((x / 1.8) ** 2))
    depth_up, depth_down = y - r.line, r.line - y
    narrow = 1 - np.abs(r.u) ** 3
    shapes = {
        "mouthPucker": np.stack([-0.42 * x * around, -0.10 * (y - MOUTH_Y) * around, 0.85 * around * push], -1),
        "mouthFunnel": np.stack([-0.28 * x * around, apart * around, 0.75 * around * push], -1),
        "mouthLeft": along(around, [0.75, 0, 0]),
        "mouthRight": along(around, [-0.75, 0, 0]),
        "mouthRollUpper": along(
            np.exp(-0.5 * ((depth_up - 0.25) / 0.4) ** 2) * r.upper * r.mouth_front * narrow, [0, -0.30, -0.38]
        ),
        "mouthRollLower": along(
            np.exp(-0.5 * ((depth_down - 0.25) / 0.4) ** 2) * r.lower * r.mouth_front * narrow, [0, 0.34, -0.40]
        ),
        "mouthShrugLower": along(
            np.exp(-0.5 * ((depth_down - 0.4) / 0.8) ** 2)
            * r.lower
            * np.exp(-0.5 * (x / 1.7) ** 2)
            * smoothstep(z, 4, 6)
            * r.soft,
            [0, 0.42, 0.25],
        )
        + along(r.blob((0, -9, 7), (1.6, 1.2, 2)), [0, 0.38, 0.08]),
        "mouthShrugUpper": along(
            np.exp(-0.5 * ((depth_up - 0.3) / 0.7) ** 2)
            * r.upper
            * np.exp(-0.5 * (x / 1.6) ** 2)
            * smoothstep(z, 4, 6)
            * r.soft,
            [0, 0.35, 0.22],
        ),
    }
    puff = [along(r.blob((3.6, -5.2, 6), (1.5, 1.6, 2.5), s), [0.55 * s, 0, 0.35]) for _, s in SIDES]
    return shapes | {"cheekPuff": puff[0] + puff[1]}


def _half_mouth(r: Regions, s: float) -> dict[str, Array]:
    corner = r.blob((MOUTH_HALF, MOUTH_Y, 7.8), (1.05, 0.85, 2.2), s)
    cheek = r.blob((3.6, -3.4, 7), (1.5, 1.2, 2.5), s)
    half = r.half(s)
    lips = half * np.exp(-0.5 * ((np.abs(r.x) - 0.9) / 1.1) ** 2) * r.mouth_front
    near = half * r.mouth_front
    squeeze = near * np.exp(-0.5 * ((r.y - r.line) / 0.7) ** 2) * np.where(r.upper > 0, -0.10, 0.10)
    return {
        "mouthSmile": along(corner, [0.95 * s, 0.95, -0.55])
        + along(cheek, [0.15 * s, 0.50, 0.36])
        + along(r.blob((1.3, MOUTH_Y, 8), (1.0, 0.7, 2), s), [0.1 * s, 0.12, -0.1]),
        "mouthFrown": along(corner, [0.22 * s, -1.05, -0.1])
        + along(r.blob((2.7, -7.2, 7), (1, 0.9, 2), s), [0, -0.25, 0.1]),
        "mouthStretch": along(corner, [0.75 * s, -0.28, -0.35]),
        "mouthDimple": along(corner, [0.45 * s, 0.12, -0.45]),
        "mouthPress": along(near * np.exp(-0.5 * ((r.y - r.line) / 0.5) ** 2), [0, 0, -0.2])
        + along(squeeze, [0, 1, 0]),
        "mouthUpperUp": along(lips * r.upper * np.exp(-0.5 * ((r.y - MOUTH_Y - 0.2) / 0.9) ** 2), [0, 0.62, 0.12]),
        "mouthLowerDown": along(lips * r.lower * np.exp(-0.5 * ((r.y - MOUTH_Y + 0.3) / 0.9) ** 2), [0, -0.62, 0.05]),
    }


def _upper_face(r: Regions, s: float) -> dict[str, Array]:
    return {
        "noseSneer": along(r.blob((1.1, -3.0, 8.8), (0.7, 0.9, 1.5), s), [0.14 * s, 0.55, 0.1])
        + along(r.blob((0.9, -0.8, 8), (0.7, 0.9, 1.5), s), [0, 0.34, 0.14])
        + along(r.blob((1.9, -3.4, 8), (0.8, 1.1, 2), s), [0.05 * s, 0.30, 0.22])
        + along(r.blob((1.2, MOUTH_Y + 0.8, 8.5), (0.9, 0.5, 2), s) * r.upper, [0, 0.30, 0]),
        "cheekSquint": along(r.blob((3.6, -2.2, 7), (1.6, 1.0, 2.5), s), [0, 0.5, 0.32]),
        "browDown": along(r.blob((1.7, 2.0, 7.5), (1.5, 1.0, 2.5), s), [-0.28 * s, -1.05, 0.22])
        + along(r.blob((4.2, 2.1, 6), (1.3, 0.9, 2.5), s), [0, -0.22, 0]),
        "browOuterUp": along(r.blob((4.0, 2.2, 6.3), (1.35, 1.1, 2.5), s), [0, 1.15, 0])
        + along(r.blob((3.6, 4.6, 7), (1.6, 1.5, 2.5), s), [0, 0.28, 0.05]),
    }


def _brow_inner(r: Regions, s: float) -> Array:
    return along(r.blob((1.4, 2.1, 7.8), (1.1, 1.1, 2.5), s), [-0.05 * s, 1.15, 0]) + along(
        r.blob((1.6, 4.6, 8), (1.5, 1.5, 2.5), s), [0, 0.3, 0.05]
    )


def _lids(r: Regions, name: str, s: float) -> dict[str, Array]:
    """Blink, wide, squint and the eyeLook shapes: the lids turn on the eyeball, the ball itself turns with the gaze."""
    center = side(EYE, s)
    q = r.vertices - center
    radius = np.linalg.norm(q, axis=1)
    elevation = np.degrees(np.arcsin(np.clip(q[:, 1] / np.maximum(radius, 1e-6), -1, 1)))
    lam = np.degrees(np.arctan2(s * q[:, 0], q[:, 2])) / LID_SPAN
    lam = np.where(lam < 0, lam / LID_INNER, lam)
    top, bottom = upper_lid(np.clip(lam, -1, 1)), lower_lid(np.clip(lam, -1, 1))
    near = smoothstep(radius, LID_RADIUS * 1.6, LID_RADIUS * 1.12) * smoothstep(np.abs(lam), 1.35, 1.0)
    near = near * (q[:, 2] > -0.2) * r.soft * (r.x * s > 0)
    is_upper = elevation >= (top + bottom) / 2
    upper = near * smoothstep(elevation - top, 34, 0) * is_upper
    lower = near * smoothstep(bottom - elevation, 24, 0) * ~is_upper
    gap = top - bottom
    taper = 1 - np.clip(np.abs(lam), 0, 1) ** 4

    def turned(weight: Array, degrees: Array | float) -> Array:
        e = np.radians(elevation + weight * degrees)
        azimuth = np.radians(lam * LID_SPAN * np.where(lam < 0, LID_INNER, 1.0))
        ball = np.stack([s * np.sin(azimuth) * np.cos(e), np.sin(e), np.cos(azimuth) * np.cos(e)], -1)
        moved = ball * np.maximum(radius, LID_RADIUS)[:, None] + center
        return np.where((np.abs(weight) > 1e-4)[:, None], moved - r.vertices, 0)

    shapes = {
        "eyeBlink": turned(upper, -(gap * 0.86 + 1)) + turned(lower, gap * 0.14),
        "eyeWide": turned(upper, 9 * taper) + turned(lower, -2.5 * taper),
        "eyeSquint": turned(upper, -gap * 0.18)
        + turned(lower, gap * 0.34)
        + along(r.blob((3.3, -2.3, 7), (1.6, 0.8, 2.5), s), [0, 0.28, 0.18]),
        "eyeLookDown": turned(upper, -gap * 0.42) + turned(lower, -3.0 * taper),
        "eyeLookUp": turned(upper, 7 * taper) + turned(lower, 3.0 * taper),
        "eyeLookIn": np.zeros_like(r.vertices),
        "eyeLookOut": np.zeros_like(r.vertices),
    }
    part = r.parts[f"eye_{name}"]
    for stem, gaze_x, gaze_y in (
        ("eyeLookDown", 0, -1),
        ("eyeLookUp", 0, 1),
        ("eyeLookIn", -s, 0),
        ("eyeLookOut", s, 0),
    ):
        shapes[stem][part] = _gaze_turn(r.vertices[part], center, GAZE_RANGE * gaze_x, GAZE_RANGE * gaze_y)
    return shapes


def _gaze_turn(points: Array, center: Array, gaze_x: float, gaze_y: float) -> Array:
    """Displacement of eyeball points when the eye turns by `gaze_x` to image right and `gaze_y` up, rad."""
    q = points - center
    cx, sx, cy, sy = np.cos(gaze_x), np.sin(gaze_x), np.cos(gaze_y), np.sin(gaze_y)
    about_y = np.array([[cx, 0, sx], [0, 1, 0], [-sx, 0, cx]])
    about_x = np.array([[1, 0, 0], [0, cy, sy], [0, -sy, cy]])
    return np.asarray(q @ (about_y @ about_x).T - q)
