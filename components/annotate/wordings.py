"""Everyday wordings of each emotion: idioms, situations, quoted speech, slang, faces, scenes. For training only.

`word_lists/<emotion>.yaml` lists them by strength and kind, written for this project. What a text encoder makes of a
word in a list ("sad") says little about what it makes of a sentence ("I still set the table for two"); hundreds of
sentences an emotion do (`docs/experiments.md`). Those that judge are kept apart, in `evaluation/metrics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from components.common.artifacts import EMOTIONS
from components.common.errors import UserError

FOLDER = Path(__file__).parent / "word_lists"
# Intensities that a strength's wordings stand for. Neutral has no strength: its one list serves all.
STRENGTHS: Mapping[str, tuple[int, ...]] = {"faint": (1,), "clear": (2,), "strong": (3,), "plain": (1, 2, 3)}


@lru_cache(maxsize=len(EMOTIONS))
def wordings(emotion: str) -> Mapping[int, tuple[str, ...]]:
    """Everyday wordings of an emotion by intensity 1-3, distinct, in a fixed order. `UserError`: unknown emotion."""
    if emotion not in EMOTIONS:
        raise UserError(f"unknown emotion {emotion!r}; there are: {', '.join(EMOTIONS)}")
    listed: dict[str, dict[str, list[str]]] = YAML(typ="safe").load((FOLDER / f"{emotion}.yaml").read_text("utf-8"))
    found: dict[int, list[str]] = {}
    for strength, kinds in listed.items():
        for intensity in STRENGTHS[strength]:
            found.setdefault(intensity, []).extend(text for texts in kinds.values() for text in texts)
    return {intensity: tuple(dict.fromkeys(texts)) for intensity, texts in sorted(found.items())}
