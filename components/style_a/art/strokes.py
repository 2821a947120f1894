"""Primitives of procedural brushes: stroke direction, smearing along it, flat paint, ink lines, noise.

Lengths are in strokes' own unit, "stroke pixels": one such pixel is 1/256 of the picture's shorter side. A picture
keeps its look at every resolution. Axes: H, W pixels, C channels; pictures are float32 in [0, 1].
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.machine.compiled import compiled

Plane = NDArray[Any]  # (H, W) float32
Picture = NDArray[Any]  # (H, W, C) float32

BASE_SIDE = 256  # resolution at which one stroke pixel is one pixel


def stroke_scale(height: int, width: int) -> float:
    """Pixels per stroke pixel."""
    return min(height, width) / BASE_SIDE


def blur(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur with reflected borders; `sigma` in pixels."""
    return cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_REFLECT)


def noise(height: int, width: int, sigma: float, seed: int) -> Plane:
    """Smooth noise of unit deviation, the same pattern at every resolution; `sigma` in stroke pixels."""
    return _noise(height, width, sigma, seed)


@lru_cache(maxsize=16)
def _noise(height: int, width: int, sigma: float, seed: int) -> Plane:
    scale = stroke_scale(height, width)
    rows, columns = max(1, math.ceil(height / scale)), max(1, math.ceil(width / scale))
    # Drawn on a fixed grid of stroke pixels, wide enough for any crop of the same scale.
    grid: Plane = np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)
    if sigma > 0:
        grid = blur(grid, sigma)
    if (rows, columns) != (height, width):
        grid = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    grid /= max(float(grid.std()), 1e-6)
    grid.setflags(write=False)
    return grid


def coordinates(height: int, width: int) -> tuple[Plane, Plane]:
    """Row and column of every pixel, in stroke pixels."""
    scale = stroke_scale(height, width)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return rows / scale, columns / scale


def stroke_direction(luma: Plane) -> tuple[Plane, Plane]:
    """Unit vectors (x, y) along edges, from the smoothed structure tensor (Kyprianidis & Kang 2011).

    Flat regions have no direction of their own: there the strokes follow a slow swirl, as a painter fills a background.
    """
    height, width = luma.shape
    scale = stroke_scale(height, width)
    smooth = blur(luma, 0.8 * scale)
    gx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) * scale
    gy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1) * scale
    sigma = 4.5 * scale
    xx, xy, yy = blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)
    swirl = 0.9 * noise(height, width, 28, 11) + 0.6
    weight = np.float32(2.5e-3)
    xx = xx + weight * (1 - np.cos(2 * swirl)) / 2
    yy = yy + weight * (1 + np.cos(2 * swirl)) / 2
    xy = xy - weight * np.sin(2 * swirl) / 2
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(math.pi / 2)
    return np.cos(angle), np.sin(angle)


@compiled(fastmath=True)
def _smear(picture: Picture, dx: Plane, dy: Plane, taps: int, step: np.float32, out: Picture) -> None:
    height, width, channels = picture.shape
    half = np.float32(0.5)
    for row in range(height):
        for column in range(width):
            for k in range(channels):
                out[row, column, k] = picture[row, column, k]
            for side in range(2):
                x, y = np.float32(column) + half, np.float32(row) + half
                vx, vy = dx[row, column], dy[row, column]
                if side:
                    vx, vy = -vx, -vy
                for _ in range(taps):
                    x += vx * step
                    y += vy * step
                    i = min(max(int(y), 0), height - 1)
                    j = min(max(int(x), 0), width - 1)
                    for k in range(channels):
                        out[row, column, k] += picture[i, j, k]
                    # Directions have no sign: go on the way we came.
                    ux, uy = dx[i, j], dy[i, j]
                    if ux * vx + uy * vy < 0:
                        ux, uy = -ux, -uy
                    vx, vy = ux, uy
            for k in range(channels):
                out[row, column, k] /= 2 * taps + 1


def smear(picture: Picture, direction: tuple[Plane, Plane], length: int) -> Picture:
    """Mean of each pixel's streamline, `length` stroke pixels to both sides (line integral convolution)."""
    out = np.empty_like(picture)
    step = np.float32(max(1.0, stroke_scale(*picture.shape[:2])))
    _smear(np.ascontiguousarray(picture), *direction, length, step, out)
    return out


def kuwahara(picture: Picture, radius: float) -> Picture:
    """Flat patches with crisp borders: of eight shifted windows, the mean of the calmest (Kuwahara et al. 1976)."""
    scale = stroke_scale(*picture.shape[:2])
    offset = max(1, round(radius * scale / 2))
    side = 2 * offset + 1
    mean = cv2.blur(picture, (side, side), borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(picture * picture, (side, side), borderType=cv2.BORDER_REFLECT)
    variance = (square - mean * mean).sum(-1)
    best = np.empty_like(mean)
    _calmest(mean, variance, offset, best)
    return best


@compiled()
def _calmest(mean: Picture, variance: Plane, offset: int, best: Picture) -> None:
    height, width, channels = mean.shape
    for row in range(height):
        for column in range(width):
            lowest, at_row, at_column = np.float32(1e30), row, column
            for a in (-offset, 0, offset):
                for b in (-offset, 0, offset):
                    if a == 0 and b == 0:
                        continue
                    i = min(max(row + a, 0), height - 1)
                    j = min(max(column + b, 0), width - 1)
                    if variance[i, j] < lowest:
                        lowest, at_row, at_column = variance[i, j], i, j
            for k in range(channels):
                best[row, column, k] = mean[at_row, at_column, k]


def guided(picture: Picture, luma: Plane, radius: float, strength: float) -> Picture:
    """Edge-preserving smoothing, cost independent of the radius (He et al. 2013, guided by the luma)."""
    side = 2 * max(1, round(radius * stroke_scale(*luma.shape))) + 1

    def box(x: Picture) -> Picture:
        return cv2.blur(x, (side, side), borderType=cv2.BORDER_REFLECT)

    guide = luma[..., None]
    mean_guide, mean = box(luma)[..., None], box(picture)
    variance = box(luma * luma)[..., None] - mean_guide**2
    slope = (box(picture * guide) - mean * mean_guide) / (variance + strength**2)
    return box(slope) * guide + box(mean - slope * mean_guide)


def line_response(luma: Plane, sigma: float) -> Plane:
    """Contrast-normalized difference of Gaussians: positive beside dark lines and borders (Winnemoeller 2011)."""
    sigma = sigma * stroke_scale(*luma.shape)
    inner, outer = blur(luma, sigma), blur(luma, 1.6 * sigma)
    return (outer - inner) / (outer + np.float32(0.12))


def local_contrast(luma: Plane, sigma: float) -> Plane:
    """Standard deviation of the luma around each pixel; `sigma` in stroke pixels."""
    sigma = sigma * stroke_scale(*luma.shape)
    mean = blur(luma, sigma)
    return np.asarray(np.sqrt(np.maximum(blur(luma * luma, sigma) - mean * mean, 0)))


def ramp(x: Picture, low: float, high: float) -> Picture:
    """0 below `low`, 1 above `high`, smooth in between."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def vector(*values: float) -> NDArray[np.float32]:
    """A small constant, such as a color, that keeps pictures float32."""
    return np.array(values, np.float32)
