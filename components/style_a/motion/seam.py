"""Where closed lips meet in a picture: a dark line that face landmarks miss by a few pixels.

The mouth opens along the inner landmarks. Where these lie beside the seam, a strip of one lip goes into the hole, and
that lip grows thin as soon as the mouth opens. Both inner borders are therefore laid on the seam; the rows of points
between them and the outer border follow in part.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.mesh import INNER_LOWER_LIP, INNER_UPPER_LIP, LOWER_LIP_ROWS, OUTER_EYE_CORNERS, UPPER_LIP_ROWS

Array = NDArray[np.float64]

_INNER = np.array([INNER_UPPER_LIP, INNER_LOWER_LIP])  # (2, 11)
_ROWS = np.array([UPPER_LIP_ROWS, LOWER_LIP_ROWS])  # (2, 3, 11)
SAMPLES = 49  # along the line from the upper lip's outer border to the lower lip's
SEARCHED = (0.15, 0.85)  # of that line
BLUR = 0.008  # of the distance of the eye corners
PULL = 9.0  # of a quadratic towards the landmarks' own middle line, over lines of length 1
SMOOTH = 60.0  # the same towards the offset of the neighboring column


def seat_lips(image: Image, landmarks: NDArray[np.floating], closed: float) -> NDArray[np.float64]:
    """Landmarks whose lips meet where the picture shows it.

    image: (s, s, 3). landmarks: (478, 3) in its pixels. closed: 1 moves both inner borders onto the seam, 0 returns the
    landmarks as they are, for a mouth that is open in the picture.
    """
    points = landmarks.astype(np.float64)
    if closed <= 0:
        return points
    upper, lower = _INNER[:, 1:-1]  # the corners stay
    upper_rows, lower_rows = _ROWS[:, :, 1:-1]
    top, bottom = points[upper_rows[0]], points[lower_rows[0]]
    place = find_seam(image, points, top, bottom, (points[upper] + points[lower]) / 2)
    seam = top + place[:, None] * (bottom - top)
    across = (bottom - top) * [1.0, 1.0, 0.0]
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    for inner, rows in ((upper, upper_rows), (lower, lower_rows)):
        # Across the lips only: drawn sideways, the points near the corners would open the mouth to a box.
        shift = closed * ((seam - points[inner]) * across).sum(1, keepdims=True) * across
        for depth, row in enumerate(rows):
            points[row] += shift * (depth / len(rows))
        points[inner] += shift
    return points


def find_seam(image: Image, points: Array, top: Array, bottom: Array, middle: Array) -> Array:
    """(N,) place of the seam on the lines from `top` to `bottom` (N, 3), 0-1: dark, near `middle`, without jumps."""
    length = np.maximum(((bottom - top)[:, :2] ** 2).sum(1), 1e-6)
    usual = ((middle - top)[:, :2] * (bottom - top)[:, :2]).sum(1) / length  # (N,)
    grid = np.linspace(*SEARCHED, SAMPLES)
    darkness = _darkness(image, points, top, bottom, grid)  # (N, SAMPLES)
    cost = PULL * (grid[None] - usual[:, None]) ** 2 - darkness
    # The cheapest path through the columns (Viterbi): what jumps is the offset from the landmarks, not the place.
    best, back = cost[0], []
    for column in range(1, len(cost)):
        offset = grid - usual[column]
        before = grid - usual[column - 1]
        step = best[None] + SMOOTH * (offset[:, None] - before[None]) ** 2  # (to, from)
        back.append(step.argmin(1))
        best = cost[column] + step.min(1)
    path = [int(best.argmin())]
    for choices in reversed(back):
        path.append(int(choices[path[-1]]))
    return grid[path[::-1]]


def _darkness(image: Image, points: Array, top: Array, bottom: Array, grid: Array) -> Array:
    """(N, SAMPLES) how much darker than the darker lip the picture is, in deviations of the lips' brightness."""
    apart = float(np.linalg.norm((points[OUTER_EYE_CORNERS[0]] - points[OUTER_EYE_CORNERS[1]])[:2]))
    gray = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), max(BLUR * apart, 0.5))
    lines = top[:, None] + grid[None, :, None] * (bottom - top)[:, None]  # (N, SAMPLES, 3)
    x, y = (lines[..., axis].astype(np.float32) - 0.5 for axis in (0, 1))
    levels = cv2.remap(gray, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
    levels -= np.median(levels, axis=1, keepdims=True)
    return np.asarray(-levels / max(float(levels.std()), 2.0))
