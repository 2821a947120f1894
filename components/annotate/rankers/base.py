"""The rankers' common interface, diversity, and how the parameters pick one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from components.annotate.brief import Brief
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import Annotate

DIVERSITY = 0.35  # share of a choice that dislikes what was already chosen


class Ranker(Protocol):
    """Picks the sentences that fit a clip best."""

    name: str

    def rank(self, sentences: Sequence[str], brief: Brief, frame: Callable[[], Image], keep: int) -> list[str]:
        """The best `keep` sentences, best first. `frame` reads a frame of the clip, for rankers that look."""


def load_ranker(params: Annotate) -> Ranker:
    """The ranker that the parameters name.

    Raises:
        UserError: the ranker lacks its model.
    """
    if params.ranker == "sentence":
        from components.annotate.rankers.sentence import SentenceRanker

        return SentenceRanker()
    if not params.clip_model:
        raise UserError("annotate.ranker is clip: set annotate.clip_model to a CLIP model's hub id or path")
    from components.annotate.rankers.clip import ClipRanker

    return ClipRanker(params.clip_model)


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
