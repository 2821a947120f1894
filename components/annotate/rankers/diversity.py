"""Relevant but unlike each other: how rankers choose several sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIVERSITY = 0.35  # share of a choice that dislikes what was already chosen


def choose_diverse(
    relevance: NDArray[np.floating], vectors: NDArray[np.floating], keep: int, diversity: float = DIVERSITY
) -> list[int]:
    """Indices of `keep` items by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), best first.

    relevance: (N,); vectors: (N, D) unit vectors. Each choice maximizes (1 - diversity) relevance minus diversity times
    the largest similarity to what was chosen before. Ties go to the earlier item.
    """
    similarity = vectors @ vectors.T
    chosen: list[int] = []
    left = list(range(len(relevance)))
    while left and len(chosen) < keep:
        scores = [
            (1 - diversity) * relevance[i] - (diversity * max(similarity[i, j] for j in chosen) if chosen else 0.0)
            for i in left
        ]
        chosen.append(left.pop(int(np.argmax(scores))))
    return chosen
