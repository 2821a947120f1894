"""Painter's-algorithm triangle filler: interpolates vertex attributes over pixels, later triangles on top."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from components.common.machine.compiled import compiled


@compiled()
def fill(
    points: NDArray[np.float64],  # (V, 2) pixels of the target grid, x right, y down
    attributes: NDArray[np.float64],  # (V, K) values to interpolate
    triangles: NDArray[np.int32],  # (N, 3), drawn in this order
    out: NDArray[np.float64],  # (H, W, K), written where covered
    classes: NDArray[np.int32],  # (H, W), set to `label` where covered
    label: int,
) -> None:
    """Fill triangles of either winding; a pixel is covered when its center lies inside (borders included)."""
    height, width = classes.shape
    count = attributes.shape[1]
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0 = points[a, 0], points[a, 1]
        x1, y1 = points[b, 0] - x0, points[b, 1] - y0
        x2, y2 = points[c, 0] - x0, points[c, 1] - y0
        area = x1 * y2 - x2 * y1
        if abs(area) < 1e-6:
            continue
        left = max(math.ceil(min(0.0, x1, x2) + x0 - 0.5), 0)
        right = min(math.floor(max(0.0, x1, x2) + x0 - 0.5), width - 1)
        top = max(math.ceil(min(0.0, y1, y2) + y0 - 0.5), 0)
        bottom = min(math.floor(max(0.0, y1, y2) + y0 - 0.5), height - 1)
        for j in range(top, bottom + 1):
            py = j + 0.5 - y0
            for i in range(left, right + 1):
                px = i + 0.5 - x0
                w1 = (px * y2 - x2 * py) / area
                w2 = (x1 * py - px * y1) / area
                w0 = 1.0 - w1 - w2
                if w0 >= -1e-6 and w1 >= -1e-6 and w2 >= -1e-6:
                    for k in range(count):
                        out[j, i, k] = w0 * attributes[a, k] + w1 * attributes[b, k] + w2 * attributes[c, k]
                    classes[j, i] = label
