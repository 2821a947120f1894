"""How the gallery's pictures are made: dots, cuts, inks, panes of glass and other techniques.

None of it is shared with the stylizers that the art model learns from, so the gallery shows no known style.
Axes: H, W pixels; pictures (SIDE, SIDE, 3) float32 RGB in [0, 1]; planes (SIDE, SIDE).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from evaluation.gallery.subjects import SIDE, Pixels, cloud

Color = tuple[int, int, int]


def rgb(*color: int) -> Pixels:
    """(3,) in [0, 1] from 0-255."""
    return np.asarray(np.array(color) / 255, np.float32)


def soft(plane: Pixels, sigma: float) -> Pixels:
    """Gaussian blur; `sigma` in pixels."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def over(below: Pixels, ink: Pixels, cover: Pixels) -> Pixels:
    """`ink`, (3,) or a picture, laid over a picture where `cover` (H, W) is 1."""
    return np.asarray(below + (ink - below) * cover[..., None], np.float32)


def soft_step(plane: Pixels, border: float | Pixels, width: float) -> Pixels:
    """0 below the border, 1 above it, linear over `width`."""
    return np.asarray(np.clip((plane - border) / width + 0.5, 0, 1), np.float32)


def inked(luma: Pixels, borders: tuple[float, ...], inks: tuple[Color, ...]) -> Pixels:
    """Flat inks, dark to light, changing at the given brightnesses."""
    picture = np.broadcast_to(rgb(*inks[0]), (SIDE, SIDE, 3)).copy()
    for border, ink in zip(borders, inks[1:], strict=True):
        picture = over(picture, rgb(*ink), soft_step(luma, border, 0.02))
    return picture


def outlines(luma: Pixels, reach: float, strength: float) -> Pixels:
    """Ink (H, W) in [0, 1] along the zero crossings' darker side: second derivative at `reach` pixels."""
    smooth = cv2.GaussianBlur(luma, (0, 0), reach)
    curvature = cv2.Laplacian(smooth, cv2.CV_32F) * reach**2
    return np.asarray(np.clip(curvature * strength, 0, 1), np.float32)


def borders(labels: NDArray[np.int64], width: float) -> Pixels:
    """Ink in [0, 1] where neighboring labels differ, `width` pixels wide."""
    edge = np.zeros(labels.shape, np.uint8)
    edge[:, 1:] |= (labels[:, 1:] != labels[:, :-1]).astype(np.uint8)
    edge[1:] |= (labels[1:] != labels[:-1]).astype(np.uint8)
    distance = cv2.distanceTransform(1 - edge, cv2.DIST_L2, 3)
    return np.asarray(np.clip(width / 2 + 0.5 - distance, 0, 1), np.float32)


def dotted(picture: Pixels, ground: Pixels, radius: float, hue: float, seed: int) -> Pixels:
    """Round dabs in the picture's colors, each astray by `hue` (deviation in RGB), on a ground color."""
    rng = np.random.default_rng((seed, 0xD0))
    canvas = np.broadcast_to(ground, picture.shape).copy()
    count = int(2.4 * (SIDE / radius) ** 2)
    places = rng.integers(0, SIDE, (count, 2))
    for (row, column), stray in zip(places, rng.normal(0, hue, (count, 3)), strict=True):
        color = np.clip(picture[row, column] + stray, 0, 1)
        size = max(1, round(radius * rng.uniform(0.7, 1.2)))
        cv2.circle(canvas, (int(column), int(row)), size, [float(v) for v in color], -1, cv2.LINE_AA)
    return canvas


def carved(luma: Pixels, period: float, wander: Pixels) -> Pixels:
    """White cuts (H, W), 1 is uncut ink: lines `period` pixels apart that swell where it is light."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    phase = (rows + 0.35 * columns + 9 * wander) / period
    return soft_step(np.abs((phase % 1) - 0.5) * 2, 0.06 + 0.94 * luma, 0.25)


def screened(plane: Pixels, period: float, angle: float) -> Pixels:
    """Cover (H, W) of round dots whose area follows `plane`, on a screen turned by `angle` degrees."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    u, v = (columns * cos + rows * sin) / period, (rows * cos - columns * sin) / period
    wave = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
    return soft_step(wave + plane, 1.0, 0.12)


def panes(seed: int, count: int) -> NDArray[np.int64]:
    """Which of `count` panes every pixel lies in: the nearest of random points, those nearer the middle denser."""
    rng = np.random.default_rng((seed, 0x9A))
    points = 0.5 + rng.uniform(-0.5, 0.5, (count, 2)) * rng.uniform(0.3, 1, (count, 1)) ** 0.5
    grid = np.moveaxis(np.mgrid[0:SIDE, 0:SIDE], 0, -1).reshape(-1, 1, 2) / SIDE
    nearest = [((part - points) ** 2).sum(-1).argmin(1) for part in np.array_split(grid, 16)]
    return np.concatenate(nearest).reshape(SIDE, SIDE)


def rubbed(cover: Pixels, seed: int, angle: float) -> Pixels:
    """Cover broken up by the tooth of the sheet and dragged in one direction (degrees), as coal does."""
    kernel = np.zeros((15, 15), np.float32)
    step = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * 6
    end, start = (tuple(int(v) for v in np.round(7 + sign * step)) for sign in (1, -1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    tooth = cv2.filter2D(cloud(seed, 0.6), -1, kernel / kernel.sum())
    tooth = 0.5 * tooth / tooth.std() + 0.35 * cloud(seed + 1, 0)
    return np.asarray(np.clip(cover * (0.85 + 0.45 * tooth), 0, 1), np.float32)
