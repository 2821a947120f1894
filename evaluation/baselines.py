"""What a model must beat, and what it cannot: motion without a model, as (T, 58) coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Motion = NDArray[np.float32]  # (T, 58)


def no_motion(truth: Motion) -> Motion:
    """The first frame, held: the portrait does not move."""
    return np.repeat(truth[:1], len(truth), axis=0)


def mean_motion(truth: Motion) -> Motion:
    """The clip's mean face, held: right on average, dead in time. It sees the truth: nothing unmoving does better."""
    return np.repeat(truth.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32), len(truth), axis=0)


def ceiling(truth: Motion) -> Motion:
    """The true motion itself: what remains is the renderer's error."""
    return truth


BASELINES: Mapping[str, Callable[[Motion], Motion]] = {
    "no_motion": no_motion,
    "mean_motion": mean_motion,
    "ceiling": ceiling,
}
