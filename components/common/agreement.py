"""How far two signals agree: Pearson's r of two series, PSNR of two pictures. Once, for every stage that measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STILL = 1e-6  # standard deviation below which a series is float32's rounding; of its largest value where above 1
MOST_DB = 100.0  # PSNR of equal pictures, which has no finite value


def is_constant(x: NDArray[np.floating]) -> bool:
    """Whether a series does not move, up to rounding. The one meaning of that wherever an r is taken."""
    values = np.asarray(x, np.float64)
    return bool(values.std() <= STILL * np.abs(values).max(initial=1.0))


def pearson(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Pearson's correlation coefficient of two (T,) series; NaN where one of them is constant (r is then undefined).

    Raises:
        ValueError: the series differ in length.
    """
    if len(x) != len(y):
        raise ValueError(f"series differ in length: {len(x)} and {len(y)}")
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if is_constant(x) or is_constant(y):
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def psnr(a: NDArray[np.generic], b: NDArray[np.generic], peak: float) -> float:
    """Peak signal-to-noise ratio of two arrays of one shape, dB, at most `MOST_DB`.

    peak: the range of the values, 255 for uint8 pictures and 2 for pictures in [-1, 1].

    Raises:
        ValueError: the arrays differ in shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures differ in shape: {a.shape} and {b.shape}")
    error = np.subtract(a, b, dtype=np.float32)
    mse = float(np.mean(np.square(error), dtype=np.float64))
    return min(MOST_DB, 10.0 * float(np.log10(peak**2 / mse))) if mse > 0 else MOST_DB
