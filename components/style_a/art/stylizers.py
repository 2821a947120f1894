"""Eight procedural art styles: the frozen stylizers whose pictures are the pseudo ground truth of phase 1.

The paper takes a pretrained image stylizer for this; these need no weights and work on any picture of any size. A style
has a few variants (palette, pressure); `seed` picks one. Same picture and seed, same bytes.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from components.common.media import Image
from components.style_a.art.brush_bank import Brushes, paint_all
from components.style_a.art.strokes import Picture, Plane, ramp, vector

VARIANTS = 3  # of every style

Composition = Callable[[Brushes, int], Picture]
Stylizer = Callable[[Image, int], Image]


def compose(name: str, brushes: Brushes, seed: int) -> Image:
    """Style `name` from brushes already drawn (several styles of one picture share them)."""
    picture = COMPOSITIONS[name](brushes, seed % VARIANTS)
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8))


def saturate(picture: Picture, amount: float) -> Picture:
    """Distance from gray, multiplied by `amount`."""
    gray = cv2.cvtColor(np.ascontiguousarray(picture, np.float32), cv2.COLOR_RGB2GRAY)[..., None]
    return np.asarray(np.clip(gray + (picture - gray) * np.float32(amount), 0, 1))


def contrast(picture: Picture, amount: float, lift: float = 0.0) -> Picture:
    return np.asarray(np.clip((picture - np.float32(0.5)) * np.float32(amount) + np.float32(0.5 + lift), 0, 1))


def grade(luma: Plane, colors: tuple[tuple[float, float, float], ...]) -> Picture:
    """Color of every brightness: piecewise linear through equally spaced `colors`, dark to light."""
    stops = np.linspace(0, 1, len(colors))
    channels = [np.interp(luma, stops, [color[k] for color in colors]) for k in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def cartoon(brushes: Brushes, variant: int) -> Picture:
    """Flat cel colors, lively, with bold outlines."""
    saturation, tint = ((1.45, (1, 1, 1)), (1.6, (1.04, 1.0, 0.9)), (1.3, (0.94, 1.0, 1.08)))[variant]
    colored = contrast(saturate(brushes.cel, saturation), 1.1, 0.04) * vector(*tint)
    return colored * (0.06 + 0.94 * brushes.bold_line[..., None])


def comic(brushes: Brushes, variant: int) -> Picture:
    """Print on cream paper: saturated flats, dots of ink in the shade, black lines."""
    ink = vector(*((0.05, 0.05, 0.30), (0.32, 0.04, 0.16), (0.04, 0.04, 0.05))[variant])
    cream = vector(1.0, 0.96, 0.84)
    colored = contrast(saturate(brushes.cel, 1.7), 1.25, 0.17) * cream
    dots = brushes.halftone[..., None]
    printed = colored * dots + (0.35 * colored + 0.65 * ink) * (1 - dots)
    return np.asarray(printed * brushes.bold_line[..., None] * (0.35 + 0.65 * brushes.fine_line[..., None]))


def sketch(brushes: Brushes, variant: int) -> Picture:
    """Pencil, sanguine or blue chalk: dodged tones, two hatchings, lines, the grain of the sheet."""
    lead, sheet = (
        ((0.13, 0.13, 0.14), (0.97, 0.96, 0.92)),
        ((0.42, 0.16, 0.08), (0.97, 0.93, 0.84)),
        ((0.10, 0.17, 0.38), (0.94, 0.96, 0.97)),
    )[variant]
    drawn = ramp(brushes.pencil, 0.0, 1.05) * brushes.fine_line * brushes.bold_line**0.5
    drawn = drawn * (0.35 + 0.65 * brushes.hatch_shade) * (0.3 + 0.7 * brushes.hatch_dark)
    drawn = np.clip(drawn + 0.35 * (brushes.paper - 0.5) * (1 - 0.5 * drawn), 0, 1)[..., None]
    return vector(*lead) + (vector(*sheet) - vector(*lead)) * drawn


def oil(brushes: Brushes, variant: int) -> Picture:
    """Thick paint: strokes along the forms, their ridges lit."""
    saturation, glaze = ((1.25, (1.02, 0.98, 0.88)), (1.3, (1.05, 0.95, 0.78)), (1.1, (0.92, 0.98, 1.02)))[variant]
    painted = contrast(saturate(brushes.paint, saturation), 1.18) * vector(*glaze)
    body = 0.045 * brushes.bristle[..., None] * (0.4 + painted)
    return painted + body + 0.035 * brushes.relief[..., None]


def watercolor(brushes: Brushes, variant: int) -> Picture:
    """Diluted color on white paper, darker at the borders of each wash, granulating."""
    dilution, tint = ((0.80, (1, 1, 1)), (0.74, (1.0, 0.96, 0.91)), (0.86, (0.93, 0.98, 1.0)))[variant]
    color = contrast(saturate(brushes.wash, 1.7), 1.15, 0.06)
    density = dilution * (0.62 + 0.76 * brushes.pigment[..., None])
    washed = 1 - (1 - color) * density
    washed = washed * (0.45 + 0.55 * brushes.wash_edge[..., None])
    return washed * vector(*tint) * (0.95 + 0.1 * brushes.paper[..., None])


def arcane(brushes: Brushes, variant: int) -> Picture:
    """Painted planes graded from cold shadows through rose to gold, with dark accents."""
    colors = (
        ((0.03, 0.07, 0.20), (0.16, 0.24, 0.42), (0.62, 0.32, 0.45), (0.96, 0.66, 0.42), (1.0, 0.93, 0.72)),
        ((0.04, 0.05, 0.14), (0.28, 0.14, 0.42), (0.72, 0.26, 0.46), (0.98, 0.60, 0.48), (1.0, 0.90, 0.80)),
        ((0.02, 0.10, 0.14), (0.06, 0.34, 0.42), (0.42, 0.48, 0.44), (0.92, 0.70, 0.38), (1.0, 0.94, 0.66)),
    )[variant]
    paint = contrast(brushes.paint, 1.25)
    luma = cv2.cvtColor(paint, cv2.COLOR_RGB2GRAY)
    painted = 0.28 * paint + 0.72 * grade(luma, colors) + 0.035 * brushes.relief[..., None]
    return painted * (0.15 + 0.85 * (brushes.bold_line * brushes.fine_line)[..., None])


def pixel(brushes: Brushes, variant: int) -> Picture:
    """Square cells of few colors."""
    saturation, amount = ((1.2, 1.1), (1.55, 1.2), (0.85, 1.25))[variant]
    return contrast(saturate(brushes.pixel, saturation), amount)


def pop(brushes: Brushes, variant: int) -> Picture:
    """Screen print: five flat inks by tone."""
    hue = (0.02, 0.5, 0.85)[variant]
    steps = ((0.62, 0.85, 0.20), (0.55, 0.78, 0.50), (0.0, 0.78, 0.84), (0.10, 0.60, 0.98), (0.15, 0.20, 1.0))
    inks = np.array([colorsys.hsv_to_rgb((hue + h) % 1, s, v) for h, s, v in steps], np.float32)
    return brushes.tones @ inks


COMPOSITIONS: Mapping[str, Composition] = MappingProxyType(
    {
        "cartoon": cartoon,
        "comic": comic,
        "sketch": sketch,
        "oil": oil,
        "watercolor": watercolor,
        "arcane": arcane,
        "pixel": pixel,
        "pop": pop,
    }
)
STYLE_NAMES: tuple[str, ...] = tuple(COMPOSITIONS)


def _stylizer(name: str) -> Stylizer:
    def stylize(image: Image, seed: int = 0) -> Image:
        return compose(name, paint_all(image), seed)

    stylize.__doc__ = f"(H, W, 3) uint8 RGB -> the same picture in style `{name}`; `seed` picks the variant."
    return stylize


STYLIZERS: Mapping[str, Stylizer] = MappingProxyType({name: _stylizer(name) for name in STYLE_NAMES})
