"""Everyday wordings that nobody trained on, by emotion and kind: they measure whether any words are understood.

Other hands wrote them than the training's (`components/annotate/word_lists`), without seeing those. A test keeps the
two apart. Kinds that the training lacks altogether: commentary, song, child, review, headline, prompt, game.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

HELD_OUT = Path(__file__).with_name("held_out_wordings.yaml")


@lru_cache(maxsize=1)
def held_out_wordings() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Emotion -> kind -> wordings."""
    listed = YAML(typ="safe").load(HELD_OUT.read_text("utf-8"))
    return {emotion: {kind: tuple(texts) for kind, texts in kinds.items()} for emotion, kinds in listed.items()}
