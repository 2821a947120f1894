"""The brush bank: one picture drawn with every procedural brush, as input channels of the synthesis network.

A small network cannot invent strokes, dots and hatchings in minutes of training; it can learn which brush to use where,
and with what color. Brushes keep their size relative to the picture, so a bank of any resolution looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art import strokes
from components.style_a.art.strokes import Picture, Plane, ramp, vector

TONE_QUANTILES = (18, 40, 62, 82)  # percent of the pixels below each border between two tones
PIXEL_CELLS = 56  # cells of pixel art along the shorter side
PIXEL_COLORS = 14
CEL_BANDS = 6

CHANNELS: tuple[str, ...] = (
    *("picture_r", "picture_g", "picture_b"),
    *("paint_r", "paint_g", "paint_b"),
    *("cel_r", "cel_g", "cel_b"),
    *("wash_r", "wash_g", "wash_b"),
    *("pixel_r", "pixel_g", "pixel_b"),
    *("fine_line", "bold_line", "wash_edge"),
    *("pencil", "hatch_shade", "hatch_dark", "halftone"),
    *("tone_0", "tone_1", "tone_2", "tone_3", "tone_4"),
    *("bristle", "relief", "paper", "pigment"),
    *("luma", "soft_luma"),
)
BRUSHES = len(CHANNELS)


@dataclass(frozen=True)
class Brushes:
    """One picture in every medium. Pictures (H, W, 3), planes (H, W), float32 about [0, 1].

    Lines, hatchings, pencil, paper are paper-white at 1 and ink at 0. Bristle and relief are signed, 0 is none.
    """

    picture: Picture
    paint: Picture  # flat patches smeared along the strokes
    cel: Picture  # flat bands of light
    wash: Picture  # diluted patches that flowed a little
    pixel: Picture  # square cells of few colors
    fine_line: Plane
    bold_line: Plane
    wash_edge: Plane  # pigment gathered at the borders of the wash
    pencil: Plane  # dodged drawing
    hatch_shade: Plane  # strokes one way in the half-tones
    hatch_dark: Plane  # strokes across in the shadows
    halftone: Plane  # screen of dots that grow with darkness
    tones: Picture  # (H, W, 5) membership of the five tone ranks
    bristle: Plane  # noise combed along the strokes
    relief: Plane  # light and shade on ridges of paint
    paper: Plane
    pigment: Plane  # granulation
    luma: Plane
    soft_luma: Plane

    def stack(self) -> NDArray[np.uint8]:
        """(H, W, BRUSHES) uint8 in the order of `CHANNELS`; signed planes are centered at 128."""
        planes = (
            *(self.picture, self.paint, self.cel, self.wash, self.pixel),
            *(self.fine_line, self.bold_line, self.wash_edge),
            *(self.pencil, self.hatch_shade, self.hatch_dark, self.halftone),
            self.tones,
            *(0.5 + 0.16 * self.bristle, 0.5 + 0.16 * self.relief, self.paper, self.pigment),
            *(self.luma, self.soft_luma),
        )
        height, width = self.luma.shape
        bank = np.empty((height, width, BRUSHES), np.uint8)
        at = 0
        for plane in planes:
            depth = 1 if plane.ndim == 2 else plane.shape[2]
            values = plane[..., None] if plane.ndim == 2 else plane
            bank[..., at : at + depth] = np.clip(values * 255 + 0.5, 0, 255)
            at += depth
        return bank


def brush_bank(image: Image) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB -> (H, W, BRUSHES) uint8, in the order of `CHANNELS`."""
    return paint_all(image).stack()


def paint_all(image: Image) -> Brushes:
    """Draw a picture with every brush."""
    picture = image.astype(np.float32) / np.float32(255)
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = luma.shape
    scale = strokes.stroke_scale(height, width)
    direction = strokes.stroke_direction(luma)

    flat = strokes.kuwahara(picture, 4)
    smooth = strokes.guided(flat, luma, 4, 0.06)
    lines = [strokes.line_response(luma, 0.8), strokes.line_response(luma, 1.25)]
    short = strokes.smear(np.dstack([0.5 * flat + 0.5 * smooth, *lines]), direction, 3)
    # A painter takes the fine brush for eyes and lips: long strokes would wipe them out.
    detail = ramp(strokes.local_contrast(luma, 2.2), 0.03, 0.1)
    fine = strokes.guided(picture, luma, 2, 0.03)
    paint = short[..., :3] + 0.8 * detail[..., None] * (fine - short[..., :3])
    calm = 1 - 0.6 * detail
    combed = strokes.smear(
        np.dstack([strokes.noise(height, width, 0, 1), strokes.noise(height, width, 1.1, 2)]), direction, 10
    )
    bristle = calm * (0.45 * _unit(combed[..., 0]) + 0.9 * _unit(combed[..., 1]))
    relief = _unit(bristle - _shift(bristle, max(1, round(scale))))

    wash = _wash(smooth)
    wash_luma = strokes.blur(cv2.cvtColor(wash, cv2.COLOR_RGB2GRAY), 1.1 * scale)
    steepness = np.abs(cv2.Laplacian(wash_luma, cv2.CV_32F, borderType=cv2.BORDER_REFLECT)) * np.float32(scale**2)
    shade, dark = _hatchings(luma)
    pencil = luma / (1 - strokes.blur(1 - luma, 5 * scale) + np.float32(0.02))
    pigment = 0.25 * strokes.noise(height, width, 1.6, 5) + 0.75 * strokes.noise(height, width, 11, 6)
    grain = 0.07 * strokes.noise(height, width, 0.7, 3) + 0.03 * strokes.noise(height, width, 5, 4)
    return Brushes(
        picture=picture,
        paint=paint,
        cel=_cel(smooth),
        wash=wash,
        pixel=_pixels(picture),
        fine_line=1 - ramp(short[..., 3], 0.015, 0.075),
        bold_line=1 - ramp(short[..., 4], 0.015, 0.06),
        wash_edge=1 - np.clip(steepness * 6, 0, 1),
        pencil=np.clip(pencil, 0, 1),
        hatch_shade=shade,
        hatch_dark=dark,
        halftone=_halftone(luma),
        tones=tone_ranks(luma),
        bristle=bristle,
        relief=relief,
        paper=np.clip(0.5 + grain * 2, 0, 1),
        pigment=np.clip(0.5 + 0.16 * pigment, 0, 1),
        luma=luma,
        soft_luma=strokes.blur(luma, 6 * scale),
    )


def tone_ranks(luma: Plane, softness: float = 0.02) -> Picture:
    """(H, W) -> (H, W, 5): soft membership of five tones, dark to light, split at fixed shares of the area."""
    smooth = strokes.blur(luma, 1.2 * strokes.stroke_scale(*luma.shape))
    borders = np.percentile(smooth[::2, ::2], TONE_QUANTILES)
    above = [np.ones_like(smooth), *(ramp(smooth, b - softness, b + softness) for b in borders), np.zeros_like(smooth)]
    return np.stack([above[k] - above[k + 1] for k in range(len(TONE_QUANTILES) + 1)], -1)


def _unit(plane: Plane) -> Plane:
    """Scaled to unit deviation."""
    return np.asarray(plane / np.float32(float(plane.std()) + 1e-6))


def _shift(plane: Plane, pixels: int) -> Plane:
    """Moved down and right by `pixels`, so that light falls from the top left."""
    return np.roll(plane, (pixels, pixels), (0, 1))


def _cel(smooth: Picture) -> Picture:
    """Brightness in soft-edged bands, hue and saturation kept."""
    value = np.maximum(np.maximum(smooth[..., 0], smooth[..., 1]), smooth[..., 2])[..., None]
    steps = value * CEL_BANDS
    base = np.floor(steps)
    banded = (base + ramp(steps - base, 0.35, 0.65)) / CEL_BANDS
    return np.asarray(np.clip(smooth * (banded / np.maximum(value, 1e-3)), 0, 1))


def _wash(smooth: Picture) -> Picture:
    """Borders wander as wet paint does, colors settle in a few dilutions."""
    height, width = smooth.shape[:2]
    scale = strokes.stroke_scale(height, width)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rows = rows + np.float32(1.5 * scale) * strokes.noise(height, width, 6, 7)
    columns = columns + np.float32(1.5 * scale) * strokes.noise(height, width, 6, 8)
    flowed = cv2.remap(smooth, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    steps = flowed * 6
    base = np.floor(steps)
    settled = (base + ramp(steps - base, 0.3, 0.7)) / 6
    return np.clip(0.6 * settled + 0.4 * flowed, 0, 1)


def _pixels(picture: Picture) -> Picture:
    """Square cells in the picture's own few colors (k-means from luma-ordered seeds, hence no random draw)."""
    height, width = picture.shape[:2]
    cell = min(height, width) / PIXEL_CELLS
    rows, columns = max(1, round(height / cell)), max(1, round(width / cell))
    cells = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    colors = cells.reshape(-1, 3)
    order = np.argsort(colors @ vector(0.299, 0.587, 0.114), kind="stable")
    labels: NDArray[Any] = np.empty((len(colors), 1), np.int32)
    labels[order, 0] = np.arange(len(colors)) * PIXEL_COLORS // len(colors)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1e-3)
    if len(colors) > PIXEL_COLORS:
        _, labels, centers = cv2.kmeans(colors, PIXEL_COLORS, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
        cells = centers[labels[:, 0]].reshape(rows, columns, 3)
    return cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)


def _hatchings(luma: Plane) -> tuple[Plane, Plane]:
    """Pencil strokes whose width follows the darkness, in two directions; 1 is bare paper."""
    height, width = luma.shape
    rows, columns = strokes.coordinates(height, width)
    tone = strokes.blur(luma, 1.5 * strokes.stroke_scale(height, width))
    hand = np.float32(0.9) * strokes.noise(height, width, 9, 9)  # the hand is not a ruler
    wave_shade = 0.5 + 0.5 * np.sin((rows + columns) * np.float32(1.25) + hand)
    wave_dark = 0.5 + 0.5 * np.sin((rows - columns) * np.float32(1.25) + hand)
    shade = 1 - np.clip((0.66 - tone) * 2.4, 0, 1) * wave_shade
    dark = 1 - np.clip((0.38 - tone) * 3.0, 0, 1) * wave_dark
    return shade.astype(np.float32), dark.astype(np.float32)


def _halftone(luma: Plane, period: float = 4.6) -> Plane:
    """Screen of round dots at 45 degrees, larger where darker; 1 is bare paper. `period` in stroke pixels."""
    rows, columns = strokes.coordinates(*luma.shape)
    u, v = (columns + rows) / np.float32(period * 1.4142), (columns - rows) / np.float32(period * 1.4142)
    distance = np.hypot(u - np.round(u), v - np.round(v))
    radius = np.float32(0.66) * np.sqrt(np.clip(np.float32(0.8) - luma, 0, 1))
    soft = 0.7 / (period * 1.4142)  # about one stroke pixel, so dots are round and not jagged
    return ramp(distance - radius, -soft, soft)
