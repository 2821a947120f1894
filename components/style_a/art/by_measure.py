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
from components.style_a.art.hand import HABITS, LAYERS, MOST_SURFACE, Colors, Sheet, draw
from components.style_a.art.patchwork import GRID, LONGEST, Quilt, Surface, detail_of, lay, sew, surface
from components.style_a.art.region_palette import read_palettes, recolor, shrunk, to_lab
from components.style_a.art.regions import Regions, find_regions, partners
from components.style_a.art.strokes import Picture
from components.style_a.art.texture import lightness_of, texture_numbers

DARKEST = 3  # percent of the art picture that its ink is read from
STEPS = (0.3, 0.12)  # of the search, coarse to fine
RESTRAINT = 0.05  # cost of a habit: where texture does not tell, the portrait stays as it is
INKED = (0.0, 0.7)  # darkness of lines that the search starts from


@dataclass(frozen=True)
class Asked:
    """What an art picture asks for, ready for a portrait of the same number of regions."""

    lab: Picture  # (H, W, 3), shorter side GRID
    numbers: NDArray[np.float64]  # its texture
    colors: Colors
    surface: Surface


def ask(art: Image, regions: Regions) -> Asked:
    """Read an (H, W, 3) uint8 RGB picture; regions: its own (`partners`)."""
    lab = to_lab(sized(art, GRID).astype(np.float32) / 255)
    inside = regions.at(*lab.shape[:2])
    dark = lab[..., 0] <= np.percentile(lab[..., 0], DARKEST)
    colors = Colors(read_palettes(lab, inside), lab[dark].mean(0))
    return Asked(lab, feel(lab, inside), colors, surface(lab, inside))


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


def solve(sheet: Sheet, asked: Asked, quilt: Quilt) -> NDArray[np.float64]:
    """Habits (len(HABITS),) whose drawing of a sheet at the grid's size is nearest to the art in texture.

    Pattern search from the best of a few openings; every step is kept only where it helps.
    """
    height, width = sheet.photo.shape[:2]
    sewn = sew(quilt, asked.surface.detail, height, width)
    limits = np.ones(len(HABITS))
    limits[-1] = MOST_SURFACE

    def cost(habits: NDArray[np.float64]) -> float:
        numbers = feel(draw(sheet, habits, asked.colors, sewn), sheet.regions)
        return float(((numbers - asked.numbers) ** 2).mean() + RESTRAINT * habits[:-1].sum())

    openings = []
    for layer in range(-1, len(LAYERS)):
        for ink in INKED:
            habits = np.zeros(len(HABITS))
            habits[-3:] = ink, 0.5 * ink, 1.0
            if layer >= 0:
                habits[layer] = 0.9
            openings.append((cost(habits), habits))
    best, habits = min(openings, key=lambda opening: opening[0])
    for step in STEPS:
        for k in range(len(HABITS)):
            for sign in (1, -1):
                tried = habits.copy()
                tried[k] = np.clip(tried[k] + sign * step, 0, limits[k])
                if tried[: len(LAYERS)].sum() > 1:
                    tried[: len(LAYERS)] /= tried[: len(LAYERS)].sum()
                found = cost(tried)
                if found < best:
                    best, habits = found, tried
                    break
    return habits


def paint_by_measure(sheet: Sheet, art: Image, asked: Asked) -> Picture:
    """The portrait of a sheet after an art picture: (H, W, 3) Lab."""
    height, width = sheet.photo.shape[:2]
    scale = GRID / min(height, width)
    small = sheet.at(max(GRID, round(height * scale)), max(GRID, round(width * scale)))
    toned = recolor(to_lab(small.photo), small.regions, asked.colors.palettes)
    quilt = lay(asked.surface, lightness_of(toned), small.regions)
    habits = solve(small, asked, quilt)
    print({h: round(float(v),2) for h,v in zip(HABITS,habits) if v>0})
    detail = detail_of(to_lab(sized(art, min(height, width)).astype(np.float32) / 255), small.regions)
    return draw(sheet, habits, asked.colors, sew(quilt, detail, height, width))
