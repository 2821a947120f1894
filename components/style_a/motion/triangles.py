"""Triangle patterns between loops and rows of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.int32]  # (N, 3)


def fan(count: int) -> Triangles:
    """A closed loop of `count` points around a center at index `count`."""
    return np.array([(i, (i + 1) % count, count) for i in range(count)], np.int32)


def nested_loops(count: int, loops: int) -> Triangles:
    """Bands between `loops` consecutive closed loops of `count` points each, in order."""
    bands = []
    for band in range(loops - 1):
        for j in range(count):
            a, b = band * count + j, band * count + (j + 1) % count
            bands += [(a, a + count, b), (b, a + count, b + count)]
    return np.array(bands, np.int32)


def grid(rows: int, columns: int) -> Triangles:
    """An open grid of rows x columns points, row by row."""
    cells = []
    for i in range(rows - 1):
        for j in range(columns - 1):
            a = i * columns + j
            cells += [(a, a + columns, a + 1), (a + 1, a + columns, a + columns + 1)]
    return np.array(cells, np.int32)
