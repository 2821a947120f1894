"""What a resting face reads as: of each person where there are enough clips, else of the corpus.

Coefficients carry a bias of the person and of the kind of footage: some people have low brows, and real people's brows
sit lower than those of the rendered heads that the regressor learned from. The weights that even the calmest clips show
are therefore taken as zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.coefficients.rest import rest_of_real_faces
from components.common.arkit import WEIGHTS
from components.common.artifacts import ClipCoefficients

CALM = 20.0  # percentile of the clips' means that counts as rest
FEWEST = 4  # clips; with fewer of a person the corpus decides, with fewer in the corpus what real faces usually show
LARGEST = 0.6  # a rest above this is an error somewhere, not a resting face


def resting_weights(clips: Sequence[ClipCoefficients], identities: Sequence[str]) -> list[NDArray[np.float32]]:
    """For each clip the (52,) weights of its person at rest. identities: who is seen in which clip."""
    means = np.stack([_mean(clip) for clip in clips])  # (N, 52)
    corpus = _rest(means) if len(clips) >= FEWEST else rest_of_real_faces()
    names = np.array(identities)
    rests = {
        name: _rest(means[names == name]) if (names == name).sum() >= FEWEST else corpus for name in set(identities)
    }
    return [rests[name] for name in identities]


def above_rest(coefficients: NDArray[np.floating], rest: NDArray[np.floating]) -> NDArray[np.float32]:
    """(T, 58) with every weight stretched from [rest, 1] to [0, 1]; calmer than rest is below 0."""
    lifted = coefficients.astype(np.float32, copy=True)
    lifted[:, :WEIGHTS] = (lifted[:, :WEIGHTS] - rest) / (1.0 - rest)
    return lifted


def _mean(clip: ClipCoefficients) -> NDArray[np.float32]:
    rows = clip.coefficients[clip.valid] if clip.valid.any() else clip.coefficients
    return np.asarray(rows[:, :WEIGHTS].mean(axis=0))


def _rest(means: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.minimum(np.percentile(means, CALM, axis=0), LARGEST).astype(np.float32)
