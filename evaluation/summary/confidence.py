"""Bootstrap confidence intervals: how far a mean over clips could be off had other clips been drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean, the bounds of its interval at `LEVEL`, and the number of values behind it."""

    mean: float
    low: float
    high: float
    count: int


def defined(values: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """The values that are not NaN (a metric that is undefined for a clip does not count)."""
    array = np.asarray(values, np.float64)
    return array[np.isfinite(array)]


def interval(
    values: Sequence[float] | NDArray[np.floating], resamples: int, seed: int = 0, level: float = LEVEL
) -> Interval | None:
    """Percentile bootstrap of the mean (Efron 1979); None without a single defined value."""
    array = defined(values)
    if len(array) == 0:
        return None
    draws = np.random.default_rng(seed).integers(0, len(array), (resamples, len(array)))
    means = array[draws].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(array.mean()), float(low), float(high), len(array))


def paired_difference(
    challenger: Sequence[float],
    champion: Sequence[float],
    resamples: int,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval | None:
    """Interval of the mean difference on the same clips, in the same order: much narrower than two separate ones."""
    if len(challenger) != len(champion):
        raise ValueError(f"{len(challenger)} values against {len(champion)}: not the same clips")
    return interval(np.asarray(challenger, np.float64) - np.asarray(champion, np.float64), resamples, seed, level)
