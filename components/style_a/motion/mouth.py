"""What shows when lips part that were closed in the portrait: a dark cavity, a tongue, two rows of teeth.

The upper teeth are fixed to the skull, the lower ones and the tongue to the jaw. Lengths in cm relative to the middle
of the inner lip line, in canonical head axes (x to image right, y up, z to the viewer).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS
from components.common.media import Image
from components.face.landmark_basis import LandmarkBasis
from components.face.mesh import (
    CHEEKS,
    INNER_LOWER_LIP,
    INNER_MOUTH_CORNERS,
    INNER_UPPER_LIP,
    LOWER_LIP_MIDDLE,
    MOUTH_OPENING,
    UPPER_LIP_MIDDLE,
)
from components.style_a.motion.geometry import FittedFace, MovedFace
from components.style_a.motion.rasterizer import fill
from components.style_a.motion.triangles import fan, grid

Array = NDArray[np.float64]

CAVITY = np.array([0.15, 0.045, 0.05])  # RGB, linear in display values
CHEEK = np.array([0.32, 0.13, 0.12])
CHEEK_FROM = 0.4  # of the mouth's half width
TONGUE = np.array([0.60, 0.26, 0.25])
ENAMEL = np.array([0.86, 0.82, 0.75])
GUM = np.array([0.52, 0.22, 0.22])
ARC = 1.2  # rad of the dental arc on each side of the middle
COLUMNS, ROWS = 121, 9
UPPER_TOP, UPPER_EDGE = 0.52, -0.27
LOWER_EDGE, LOWER_BOTTOM = -0.44, -1.08
# Half-widths on the arc (rad) of the upper teeth from the middle outwards: incisors, canine, premolars, molars.
UPPER_TEETH = (0.235, 0.19, 0.20, 0.17, 0.17, 0.19)
LOWER_TEETH = (0.15, 0.165, 0.19, 0.18, 0.18, 0.20)
OPENED = (0.03, 0.18)  # cm of additional aperture from which the cavity starts to show, and shows fully
WAS_OPEN = (0.25, 0.75)  # cm of aperture in the portrait from which its own mouth interior is kept
LIP_SHADOW = 0.22  # cm
SOFT_EDGE = 0.13  # cm
TONGUE_POINTS = 24


@dataclass(frozen=True)
class MouthPicture:
    """color: (H, W, 3) in 0-1, alpha: (H, W) in 0-1, of the whole target grid."""

    color: NDArray[np.float32]
    alpha: NDArray[np.float32]


def _tooth_row(widths: tuple[float, ...], brightness: float) -> Array:
    """(ROWS * COLUMNS, 4) RGBA of a dental arc, row 0 at the gum, last row at the biting edge."""
    across = np.abs(np.linspace(-ARC, ARC, COLUMNS))
    borders = np.concatenate([[0.0], np.cumsum(widths)])
    tooth = np.clip(np.searchsorted(borders, across, side="right") - 1, 0, len(widths) - 1)
    place = (across - borders[tooth]) / np.array(widths)[tooth] * 2 - 1  # -1..1 over a tooth
    down = np.linspace(0, 1, ROWS)[:, None]  # (ROWS, 1)
    # Crowns bulge in the middle and darken towards the gaps and the gum; the arc recedes into shadow.
    bulge = 1.0 - 0.20 * np.abs(place) ** 3 - 0.22 * np.clip((np.abs(place) - 0.86) / 0.14, 0, 1)
    shade = bulge * (0.84 + 0.16 * np.sin(np.pi * np.clip(down * 0.85 + 0.1, 0, 1)))
    shade = shade * np.clip(np.cos(across), 0, 1) ** 1.1 * brightness
    crown = shade[..., None] * ENAMEL
    gum_line = 0.16 + 0.16 * np.abs(place) ** 2  # gums climb between the teeth
    gum = np.clip((gum_line - down) / 0.12, 0, 1)[..., None]
    color = crown * (1 - gum) + gum * GUM * (np.clip(np.cos(across), 0, 1) * brightness)[..., None]
    # Rounded corners at the biting edge, more so for the outer teeth.
    edge = 1.0 - (0.06 + 0.05 * np.minimum(tooth, 2)) * np.abs(place) ** 2 - 0.03 * (tooth == 1)
    alpha = np.clip((edge - down) / 0.10 + 0.5, 0, 1)
    return np.asarray(np.concatenate([color, alpha[..., None]], axis=-1).reshape(-1, 4))


def _arc(top: float, bottom: float) -> Array:
    """(ROWS * COLUMNS, 3) points of a dental arc from the gum at `top` to the biting edge at `bottom`."""
    angle = np.linspace(-ARC, ARC, COLUMNS)
    curve = np.stack([2.45 * np.sin(angle), np.zeros(COLUMNS), 0.78 * np.cos(angle) - 1.36], axis=1)
    height = np.linspace(top, bottom, ROWS)
    points: Array = (curve[None] + height[:, None, None] * np.array([0.0, 1.0, 0.0])).reshape(-1, 3)
    return points


class MouthPainter:
    """Paints the mouth's inside for one portrait. `tint` is (3,) from `skin_tint`."""

    def __init__(self, basis: LandmarkBasis, face: FittedFace) -> None:
        self._basis = basis
        self._face = face
        right, left = INNER_MOUTH_CORNERS
        width = float(np.linalg.norm(face.points[left] - face.points[right])) / face.scale
        self._size = width / float(np.linalg.norm(basis.canonical[left] - basis.canonical[right]))
        inner = face.points[list(INNER_UPPER_LIP + INNER_LOWER_LIP)]
        self._center = inner.mean(0)
        self._aperture = aperture(face)
        self._missing = closedness(basis, face)
        self._upper = (_arc(UPPER_TOP, UPPER_EDGE), _tooth_row(UPPER_TEETH, 1.0))
        self._lower = (_arc(LOWER_BOTTOM, LOWER_EDGE), _tooth_row(LOWER_TEETH, 0.74))
        self._arc_triangles = grid(ROWS, COLUMNS)
        angle = np.linspace(0, 2 * np.pi, TONGUE_POINTS, endpoint=False)
        rim = np.stack([1.6 * np.cos(angle), 0.75 * np.sin(angle) - 0.75, np.full(TONGUE_POINTS, -1.4)], axis=1)
        self._tongue = np.concatenate([rim, rim.mean(0, keepdims=True)])
        self._tongue_color = np.concatenate([np.tile([*CAVITY, 0.0], (TONGUE_POINTS, 1)), [[*TONGUE, 1.0]]])
        self._tongue_triangles = fan(TONGUE_POINTS)

    def __call__(
        self, moved: MovedFace, weights: NDArray[np.floating], shape: tuple[int, int], zoom: float
    ) -> MouthPicture:
        """weights: (52,) of the target; shape: H, W of the target grid; zoom: grid pixels per portrait pixel."""
        color = np.zeros((*shape, 3), np.float32)
        alpha = np.zeros(shape, np.float32)
        picture = MouthPicture(color, alpha)
        rim = _screen(moved.points[list(MOUTH_OPENING)]) * zoom
        gap = float(np.linalg.norm(moved.points[UPPER_LIP_MIDDLE, :2] - moved.points[LOWER_LIP_MIDDLE, :2]))
        opened = gap / (self._face.scale * moved.rigid.zoom) - self._aperture
        strength = _ramp(opened, OPENED) * self._missing
        low = np.maximum(np.floor(rim.min(0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(rim.max(0)).astype(int) + 2, (shape[1], shape[0]))
        if strength <= 0 or (high <= low).any():
            return picture
        size = (int(high[1] - low[1]), int(high[0] - low[0]))
        hole = np.zeros(size, np.uint8)
        # Sixteenths of a pixel keep the rim smooth from frame to frame.
        corners = np.round((rim - low - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(hole, [corners], 255, lineType=cv2.LINE_AA, shift=4)
        if not hole.any():
            return picture
        inside = self._inside(moved, weights, size, low, zoom)
        cm = self._face.scale * moved.rigid.zoom * zoom  # grid pixels
        depth = cv2.distanceTransform((hole > 127).astype(np.uint8), cv2.DIST_L2, 5) / cm
        inside *= (0.62 + 0.38 * np.clip(depth / LIP_SHADOW, 0, 1))[..., None]
        soft = hole.astype(np.float32) / 255 * np.clip(depth / SOFT_EDGE, 0.1, 1).astype(np.float32)
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        color[window], alpha[window] = inside, soft * strength
        return picture

    @staticmethod
    def _cavity(rim: Array, size: tuple[int, int]) -> Array:
        """(H, W, 3): dark under the upper teeth, reddish lower down, the inner cheeks' color towards the corners."""
        left, right = rim[0], rim[len(INNER_UPPER_LIP) - 1]
        axis = right - left
        x, y = np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5)
        along = ((x - left[0]) * axis[0] + (y - left[1]) * axis[1]) / max(float(axis @ axis), 1e-6)
        corner = np.clip((np.abs(along - 0.5) * 2 - CHEEK_FROM) / (1 - CHEEK_FROM), 0, 1)[..., None] ** 2
        down = np.clip((y - rim[:, 1].min()) / max(float(np.ptp(rim[:, 1])), 1e-6), 0, 1)[..., None]
        return np.asarray(CAVITY * (0.55 + 0.6 * down) * (1 - corner) + CHEEK * corner)

    def _inside(
        self, moved: MovedFace, weights: NDArray[np.floating], size: tuple[int, int], low: NDArray[np.int_], zoom: float
    ) -> Array:
        """(H, W, 3) cavity, tongue and teeth of the hole's bounding box."""
        change = weights[:WEIGHTS].astype(np.float64) - self._face.reference[:WEIGHTS]
        jaw = self._face.turn(np.tensordot(change, self._basis.jaw, 1))
        inside = self._cavity(_screen(moved.points[list(MOUTH_OPENING)]) * zoom - low, size)
        stretch = np.array([self._size, 1.0, 1.0])
        for points, colors, triangles, follow in (
            (self._tongue, self._tongue_color, self._tongue_triangles, jaw),
            (*self._lower, self._arc_triangles, jaw),
            (*self._upper, self._arc_triangles, 0.0),
        ):
            place = moved.rigid(self._center + self._face.turn(points * stretch) + follow)
            layer, covered = np.zeros((*size, 4)), np.zeros(size, np.int32)
            fill(_screen(place) * zoom - low, colors, triangles, layer, covered, 1)
            opacity = layer[..., 3:]
            inside += (layer[..., :3] - inside) * opacity
        return inside


def aperture(face: FittedFace) -> float:
    """Gap of the inner lips in the portrait, cm of the canonical head."""
    gap = face.points[UPPER_LIP_MIDDLE, :2] - face.points[LOWER_LIP_MIDDLE, :2]
    return float(np.linalg.norm(gap)) / face.scale


def closedness(basis: LandmarkBasis, face: FittedFace) -> float:
    """1 where the portrait's mouth is closed, 0 where it shows its inside.

    Landmarks stand apart on many closed mouths; only where the coefficients agree was the mouth open.
    """
    displacement = basis.displacement(face.reference[:WEIGHTS])
    opening = float(np.linalg.norm(displacement[UPPER_LIP_MIDDLE] - displacement[LOWER_LIP_MIDDLE]))
    return 1.0 - _ramp(min(aperture(face), opening), WAS_OPEN)


def _ramp(value: float, bounds: tuple[float, float]) -> float:
    return float(np.clip((value - bounds[0]) / (bounds[1] - bounds[0]), 0.0, 1.0))


def _screen(points: Array) -> Array:
    """(N, 3) with y up to (N, 2) with y down."""
    return points[:, :2] * [1.0, -1.0]


def skin_tint(image: Image, landmarks: NDArray[np.floating]) -> NDArray[np.float32]:
    """(3,) factor that lights the mouth's inside like the cheeks. landmarks: (>= 468, 2+) pixels of `image`."""
    spots = np.round(landmarks[list(CHEEKS), :2]).astype(int)
    x = np.clip(spots[:, 0], 0, image.shape[1] - 1)
    y = np.clip(spots[:, 1], 0, image.shape[0] - 1)
    skin = image[y, x].astype(np.float64).mean(0) / 255
    return np.asarray(np.clip((0.5 * skin.mean() + 0.5 * skin) / 0.64, 0.25, 1.15), np.float32)
