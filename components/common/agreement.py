"""How far two signals agree: Pearson's r of two series, PSNR of two pictures. Once, for every stage that measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_DB = 100.0  # PSNR of equal pictures, which has no finite value


def pearson(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Pearson's correlation coefficient of two (T,) series; NaN where one of them is constant (r is then undefined).

    Raises:
        ValueError: the series differ in length.
    """
    if len(x) != len(y):
        raise ValueError(f"series differ in length: {len(x)} and {len(y)}")
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    # Below this a series is constant up to rounding, and r would be noise.
    return float(x @ y) / norm if norm > 1e-9 * len(x) else float("nan")


def psnr(a: NDArray[np.generic], b: NDArray[np.generic], peak: float, most: float = MOST_DB) -> float:
    """Peak signal-to-noise ratio of two arrays of one shape, dB, at most `most`.

    peak: the range of the values, 255 for uint8 pictures and 2 for pictures in [-1, 1].

    Raises:
        ValueError: the arrays differ in shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures differ in shape: {a.shape} and {b.shape}")
    error = np.subtract(a, b, dtype=np.float32)
    mse = float(np.mean(np.square(error), dtype=np.float64))
    return min(most, 10.0 * float(np.log10(peak**2 / mse))) if mse > 0 else most
