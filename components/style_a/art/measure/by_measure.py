"""Art by measure: what an art picture asks for, and the habits of hand that come nearest to it on a portrait.

No class is guessed. Palette and surface are taken from the art picture itself; how much brush and how dark the lines is
solved so that the texture numbers of the result are those of the art picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art.measure.hand import HABITS, LAYERS, MOST_SURFACE, Colors, Sheet, draw
from components.style_a.art.measure.patchwork import GRID, LONGEST, Quilt, Surface, detail_of, lay, sew, surface
from components.style_a.art.measure.region_palette import read_palettes, recolor, to_lab
from components.style_a.art.measure.regions import FIGURE, REGIONS, Regions
from components.style_a.art.measure.texture import SIDE, lightness_of, texture_numbers
from components.style_a.art.strokes import Picture

DARKEST = 3  # percent of the art picture that its ink is read from
STEPS = (0.3, 0.12)  # of the search, coarse to fine
PALETTE_UNIT = 12.0
LAYOUT = 6  # cells a side
LAYOUT_SHARES = (0.6, 0.9, 0.9)  # of lightness and hue
RESTRAINT = 0.05  # cost of a habit: where texture does not tell, the portrait stays as it is
INKED = (0.0, 0.7)  # darkness of lines that the search starts from


@dataclass(frozen=True)
class Asked:
    """What an art picture asks for, ready for a portrait of the same number of regions."""

    numbers: NDArray[np.float64]  # its texture
    colors: Colors
    surface: Surface


def ask(art: Image, regions: Regions) -> Asked:
    """Read an (H, W, 3) uint8 RGB picture; regions: its own (`partners`)."""
    lab = to_lab(sized(art, GRID).astype(np.float32) / 255)
    inside = regions.at(*lab.shape[:2])
    dark = lab[..., 0] <= np.percentile(lab[..., 0], DARKEST)
    colors = Colors(read_palettes(lab, inside), lab[dark].mean(0), layout_of(lab, inside))
    small = to_lab(sized(art, SIDE).astype(np.float32) / 255)
    return Asked(feel(small, regions.at(*small.shape[:2])), colors, surface(lab, inside))


def layout_of(lab: Picture, regions: Regions) -> Picture:
    """(LAYOUT, LAYOUT, 3) departures from the mean color. A landscape is known by what is above and below, so the space
    behind a person takes that over; of art that shows a person only its regions are."""
    if regions.count != FIGURE:
        return np.zeros((LAYOUT, LAYOUT, 3), np.float32)
    coarse = cv2.resize(lab, (LAYOUT, LAYOUT), interpolation=cv2.INTER_AREA)
    return np.asarray((coarse - coarse.mean((0, 1))) * np.array(LAYOUT_SHARES, np.float32))


def feel(lab: Picture, regions: Regions) -> NDArray[np.float64]:
    """Texture numbers of an (H, W, 3) Lab picture: (F,) of the whole, with a face (2 F,), then those of the face."""
    return np.concatenate([texture_numbers(lightness_of(lab[view])) for view in regions.views()])


def sized(picture: Image, side: int) -> Image:
    """A picture whose shorter side is `side`, cut to at most `LONGEST` of that."""
    height, width = picture.shape[:2]
    most = round(min(height, width) * LONGEST)
    top, left = max(0, (height - most) // 2), max(0, (width - most) // 2)
    view = picture[top : top + most, left : left + most]
    scale = side / min(view.shape[:2])
    size = (max(side, round(view.shape[1] * scale)), max(side, round(view.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(view), size, interpolation=method), np.uint8)


def solve(sheet: Sheet, asked: Asked, sewn: Picture) -> NDArray[np.float64]:
    """Habits (len(HABITS),) whose drawing of a sheet is nearest to the art in texture; sheet and `sewn` at `SIDE`.

    Pattern search from the best of a few openings; every step is kept only where it helps.
    """
    limits = np.ones(len(HABITS))
    limits[-1] = MOST_SURFACE

    def cost(habits: NDArray[np.float64]) -> float:
        gap = texture_gap(draw(sheet, habits, asked.colors, sewn), sheet.regions, asked)
        return gap + RESTRAINT * float(habits[:-1].sum())

    openings = [_opening(layer, ink) for layer in range(-1, len(LAYERS)) for ink in INKED]
    best, habits = min(((cost(opening), opening) for opening in openings), key=lambda found: found[0])
    for step in STEPS:
        for k in range(len(HABITS)):
            for change in (step, -step):
                tried = habits.copy()
                tried[k] = np.clip(tried[k] + change, 0, limits[k])
                tried[: len(LAYERS)] /= max(1.0, tried[: len(LAYERS)].sum())
                found = cost(tried)
                if found < best:
                    best, habits = found, tried
                    break
    return habits


def _opening(layer: int, ink: float) -> NDArray[np.float64]:
    """Mostly one layer (-1: the photograph), with some ink, and the art's surface as it is."""
    habits = np.zeros(len(HABITS))
    habits[-3:] = ink, 0.5 * ink, 1.0
    habits[max(layer, 0)] = 0.9 * (layer >= 0)
    return habits


def texture_gap(lab: Picture, regions: Regions, asked: Asked) -> float:
    """Mean square of what a picture (H, W, 3) Lab at `SIDE` lacks of the art picture's texture numbers."""
    return float(((feel(lab, regions) - asked.numbers) ** 2).mean())


def gap(lab: Picture, regions: Regions, asked: Asked) -> float:
    """The same with the colors: `PALETTE_UNIT` L*a*b* units of palette weigh as much as a spread of texture."""
    colors = 0.0
    shares = regions.shares.mean((0, 1))
    for share, mine, theirs in zip(shares, read_palettes(lab, regions), asked.colors.palettes, strict=True):
        apart = np.abs(mine.levels - theirs.levels).mean() + np.abs(mine.colors - theirs.colors).mean()
        colors += float(share) * float(apart)
    return texture_gap(lab, regions, asked) + (colors / PALETTE_UNIT) ** 2


@dataclass(frozen=True)
class Measured:
    """lab: (H, W, 3) drawn by measure; gap: how far that is from the art; drawn_gap: how far the network's is."""

    lab: Picture
    gap: float
    drawn_gap: float


def paint_by_measure(sheet: Sheet, art: Image, asked: Asked) -> Measured:
    """The portrait of a sheet after an art picture, for which `asked` was read."""
    height, width = sheet.photo.shape[:2]
    small = sheet.at(*_scaled(height, width, GRID))
    toned = recolor(to_lab(small.photo), small.regions, asked.colors.palettes)
    quilt = lay(asked.surface, lightness_of(toned), small.regions)
    tiny = sheet.at(*_scaled(height, width, SIDE))
    regions = tiny.regions
    sewn = _sewn(quilt, art, *regions.shares.shape)
    habits = solve(tiny, asked, sewn)
    drawn = to_lab(tiny.layers[LAYERS.index("drawn")])
    gaps = gap(draw(tiny, habits, asked.colors, sewn), regions, asked), gap(drawn, regions, asked)
    return Measured(draw(sheet, habits, asked.colors, _sewn(quilt, art, height, width, regions.count)), *gaps)


def _scaled(height: int, width: int, side: int) -> tuple[int, int]:
    scale = side / min(height, width)
    return max(side, round(height * scale)), max(side, round(width * scale))


def _sewn(quilt: Quilt, art: Image, height: int, width: int, count: int) -> Picture:
    """The art picture's detail laid out for a (height, width) portrait of `count` regions."""
    lab = to_lab(sized(art, min(height, width)).astype(np.float32) / 255)
    return sew(quilt, detail_of(lab, faceless=count != len(REGIONS)), height, width)
