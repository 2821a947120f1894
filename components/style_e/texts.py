"""The texts that Style-E trains on, as vectors: phrasings of each emotion and level, and the clips' own sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import EMOTIONS
from components.common.progress import track
from components.style_e.text_cache import remembered
from components.style_e.text_encoder import TextEncoder

LEVELS = (1, 2, 3)
PART = 512  # texts that are read at a time
WORDINGS_PER_PHRASE = 3  # that are named
TEXT_LABELS = 1 + (len(EMOTIONS) - 1) * len(LEVELS)  # that the text classifier tells apart


def emotion_shares(labels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shares of the labels (TEXT_LABELS,) to shares of EMOTIONS (8,), whatever their strength."""
    levels = labels[1:].reshape(-1, len(LEVELS)).sum(1, dtype=np.float64)
    return np.concatenate([[float(labels[0])], levels])


def text_label(emotion: str, intensity: int) -> int:
    """Label of an emotion's level, 0 to TEXT_LABELS - 1. Neutral has no strength: its levels are one label."""
    return 0 if emotion == EMOTIONS[0] else (EMOTIONS.index(emotion) - 1) * len(LEVELS) + intensity


@dataclass(frozen=True)
class TextBank:
    """Every text once.

    vectors: (N, D). classes: (emotion, intensity) to rows of phrasings, which motion is learned with. named: the same
    with everyday wordings, which are only named: motion meets too few texts to learn these from. rows: text to row.
    """

    vectors: NDArray[np.float32]
    classes: Mapping[tuple[str, int], NDArray[np.int64]]
    named: Mapping[tuple[str, int], NDArray[np.int64]]
    rows: Mapping[str, int]

    def of(self, emotion: str, intensity: int, sentences: Sequence[str] = ()) -> NDArray[np.int64]:
        """Rows to draw a clip's text from: its own sentences as often as all phrasings of its label together."""
        phrases = self.classes.get((emotion, intensity), np.zeros(0, np.int64))
        own = np.array([self.rows[text] for text in sentences], np.int64)
        if not len(own) or not len(phrases):
            return np.concatenate([phrases, own])
        return np.concatenate([phrases, np.tile(own, max(1, len(phrases) // len(own)))])

    def draw_phrases(self, size: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Texts to name, all classes alike often: (size, D) vectors and (size,) labels (see `text_label`)."""
        keys = sorted(self.named)
        chosen = rng.integers(len(keys), size=size)
        rows = np.array([rng.choice(self.named[keys[i]]) for i in chosen])
        return self.vectors[rows], np.array([text_label(*keys[i]) for i in chosen], np.int64)


def build_text_bank(encoder: TextEncoder, sentences: Iterable[str] = ()) -> TextBank:
    """Embed the vocabulary's phrasings, the everyday wordings and the given sentences."""
    from components.annotate.vocabulary import emotion_phrases
    from components.annotate.wordings import wordings

    graded = {(e, level): emotion_phrases(e, level) for e in EMOTIONS for level in LEVELS}
    everyday = {(e, level): wordings(e)[level] for e, level in graded}
    fixed = sorted({text for group in (*graded.values(), *everyday.values()) for text in group})
    own = sorted(set(sentences) - set(fixed))
    rows = {text: i for i, text in enumerate((*fixed, *own))}
    classes = {key: np.array([rows[text] for text in phrases], np.int64) for key, phrases in graded.items()}
    named = {}
    for key, texts in everyday.items():
        # Phrasings tell the strengths apart, wordings the emotions.
        repeats = max(1, round(len(texts) / (WORDINGS_PER_PHRASE * len(classes[key]))))
        named[key] = np.array([*np.tile(classes[key], repeats), *(rows[text] for text in texts)], np.int64)
    vectors = np.concatenate([remembered(encoder, fixed, partial(_read, encoder)), _read(encoder, own)])
    return TextBank(vectors, classes, named, rows)


def _read(encoder: TextEncoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(N, D) vectors, part by part."""
    parts = [texts[start : start + PART] for start in range(0, len(texts), PART)]
    read = [encoder.encode(part) for part in track(parts, f"reading {len(texts)} emotion texts")]
    return np.concatenate([np.zeros((0, encoder.size), np.float32), *read])
