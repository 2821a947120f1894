"""What a resting face reads as in this corpus.

Coefficients of footage of one kind share a bias: real people's brows sit lower than the rendered heads' that the
regressor learned from. The weights that even the calmest clips show are therefore taken as the corpus' zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS
from components.common.artifacts import ClipCoefficients

CALM = 15.0  # percentile of the clips' means that counts as rest
FEWEST = 4  # with fewer clips nothing can be said about rest
LARGEST = 0.6  # a rest above this is an error somewhere, not a resting face


def resting_weights(clips: Sequence[ClipCoefficients]) -> NDArray[np.float32]:
    """(52,) weights of the corpus at rest; zeros for a handful of clips."""
    if len(clips) < FEWEST:
        return np.zeros(WEIGHTS, np.float32)
    means = np.stack([clip.coefficients[clip.valid, :WEIGHTS].mean(axis=0) for clip in clips if clip.valid.any()])
    return np.minimum(np.percentile(means, CALM, axis=0), LARGEST).astype(np.float32)


def above_rest(coefficients: NDArray[np.floating], rest: NDArray[np.floating]) -> NDArray[np.float32]:
    """(T, 58) with every weight stretched from [rest, 1] to [0, 1]; calmer than rest is below 0."""
    lifted = coefficients.astype(np.float32, copy=True)
    lifted[:, :WEIGHTS] = (lifted[:, :WEIGHTS] - rest) / (1.0 - rest)
    return lifted
