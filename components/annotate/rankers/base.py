"""The rankers' common interface, and how the parameters pick one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from components.annotate.brief import Brief
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import Annotate


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
