"""What the gallery's pictures show: rendered heads cut from their background, and a landscape of plain shapes.

Axes: H, W pixels. Pictures are (SIDE, SIDE, 3) float32 in [0, 1], masks (SIDE, SIDE).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS
from components.synthetic.render.actor import SAMPLES, Actor

SIDE = 384
Pixels = NDArray[np.float32]

SKY, SUN, FAR, HILL, MEADOW, WATER = range(6)


@dataclass(frozen=True)
class Head:
    """picture: (SIDE, SIDE, 3); luma: (SIDE, SIDE) stretched over 0-1 inside the figure; figure: 1 where one is."""

    picture: Pixels
    luma: Pixels
    figure: Pixels


def head(seed: int, style: str, yaw: float = 0.0, smile: float = 0.0) -> Head:
    """A person drawn from `seed`, turned by `yaw` radians, with the hair style `style` (`hair.STYLES`)."""
    weights = np.zeros(WEIGHTS, np.float32)
    weights[[INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] = smile
    rendering = Actor.sample(seed, SIDE, style=style).render_with_ids(weights, np.array([yaw, 0.0, 0.0]))
    covered = (rendering.triangle_ids >= 0).astype(np.float32)
    figure = np.asarray(covered.reshape(SIDE, SAMPLES, SIDE, SAMPLES).mean((1, 3)), np.float32)
    picture = np.asarray(rendering.image / 255, np.float32)
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    low, high = (float(v) for v in np.percentile(gray[figure > 0.5], (1, 99)))
    return Head(picture, np.clip((gray - low) / (high - low), 0, 1).astype(np.float32), figure)


def landscape(seed: int) -> tuple[NDArray[np.int64], Pixels]:
    """Which thing every pixel shows (`SKY`.. `WATER`), and a shade in 0-1 that varies within it."""
    rng = np.random.default_rng((seed, 0x1A))
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    things = np.full((SIDE, SIDE), SKY)
    shade = 1 - rows / 0.6
    sun_x, sun_y = rng.uniform(0.25, 0.75), rng.uniform(0.16, 0.26)
    things[np.hypot(columns - sun_x, rows - sun_y) < 0.08] = SUN
    for thing, level, height in ((FAR, 0.46, 0.10), (HILL, 0.58, 0.07)):
        waves = sum(np.sin(columns * f + rng.uniform(0, 6)) / k for k, f in enumerate((5, 11, 23), 1))
        line = level + height * 0.5 * waves
        inside = rows > line
        things[inside] = thing
        shade = np.where(inside, np.clip((rows - line) * 3, 0, 1), shade)
    shore = 0.7 + 0.05 * np.sin(columns * 4 + rng.uniform(0, 6))
    things[rows > shore] = WATER
    meadow = rows > 0.8 + 0.12 * np.cos(columns * 3 + rng.uniform(0, 6))
    things[meadow] = MEADOW
    ripple = 0.5 + 0.5 * np.sin(rows * 90 + 2 * np.sin(columns * 9))
    shade = np.where(things == WATER, ripple, np.where(meadow, (rows - 0.7) * 2.5, shade))
    return things, np.clip(shade, 0, 1).astype(np.float32)


def colored(things: NDArray[np.int64], shade: Pixels, colors: tuple[tuple[int, int, int], ...], depth: float) -> Pixels:
    """A landscape in one color (RGB 0-255) a thing, darker by up to `depth` where the shade is 1."""
    table = np.array(colors, np.float32) / 255
    return np.asarray(table[things] * (1 - np.float32(depth) * shade[..., None]), np.float32)


def cloud(seed: int, sigma: float) -> Pixels:
    """(SIDE, SIDE) smooth noise of unit deviation; `sigma` in pixels."""
    grain = np.random.default_rng((seed, 0xC1)).standard_normal((SIDE, SIDE)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), sigma) if sigma > 0 else grain
    return np.asarray(soft / soft.std())
