"""What a picture feels like, in numbers: how steep, how fine, how lined, how directed. What art is chosen by.

Axes: H, W pixels, F numbers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.style_a.art.strokes import Picture, Plane

SIDE = 192  # pixels: numbers are of pictures whose shorter side this is
SCALES = (1, 2, 4)  # pixels averaged
PERCENTILES = (25, 50, 75, 90, 97)
# Typical differences between art pictures, by which the numbers are weighed (measured on painted and drawn portraits).
_SPREAD_STEEP, _SPREAD_BALANCE, _SPREAD_DIRECTED = 0.55, 0.25, 0.25


def texture_numbers(lightness: Plane) -> NDArray[np.float64]:
    """(H, W) L* in 0..100, shorter side about `SIDE` -> (F,), in units of their spread over art pictures."""
    numbers: list[float] = []
    for scale in SCALES:
        size = (max(8, lightness.shape[1] // scale), max(8, lightness.shape[0] // scale))
        x = lightness if scale == 1 else cv2.resize(lightness, size, interpolation=cv2.INTER_AREA)
        gx, gy = cv2.Scharr(x, cv2.CV_32F, 1, 0) / 16, cv2.Scharr(x, cv2.CV_32F, 0, 1) / 16
        steep = np.percentile(np.sqrt(gx * gx + gy * gy)[:: 3 - min(scale, 2), :: 3 - min(scale, 2)], PERCENTILES)
        numbers += list(np.log(steep + 0.15) / _SPREAD_STEEP)
        curved = cv2.Laplacian(x, cv2.CV_32F)
        dark, light = np.maximum(curved, 0).mean(), np.maximum(curved**3, 0).mean() + 0.05
        lines = np.log(light) - np.log(np.maximum(-(curved**3), 0).mean() + 0.05)
        numbers.append(float(lines) / _SPREAD_BALANCE / 4)
        numbers.append(float(np.log(dark + 0.1)) / _SPREAD_STEEP)
        a, b, c = (cv2.GaussianBlur(v, (0, 0), 2) for v in (gx * gx, gy * gy, gx * gy))
        coherent = np.mean(np.sqrt((a - b) ** 2 + 4 * c**2)) / (np.mean(a + b) + 0.1)
        numbers.append(float(coherent) / _SPREAD_DIRECTED)
    return np.array(numbers)


def lightness_of(lab: Picture) -> Plane:
    """The plane that `texture_numbers` takes, of a Lab picture."""
    return np.ascontiguousarray(lab[..., 0], np.float32)
