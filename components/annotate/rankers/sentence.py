"""Ranks by meaning: near the clip's own emotion and strength, far from the others', unlike what was already kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from components.annotate.brief import Brief
from components.annotate.rankers.diversity import choose_diverse
from components.annotate.vocabulary import INTENSITIES, SYNONYMS, emotion_phrases
from components.common.artifacts import EMOTIONS
from components.common.media import Image
from components.common.minilm import SentenceEncoder

PHRASES = 8  # training phrasings that stand for a class
RIVAL = 0.5  # share of the nearest other emotion's similarity that counts against a sentence
STRENGTH = 1.5  # weight of being nearer to the clip's intensity than to the other two


class SentenceRanker:
    """Cosine similarity of packaged MiniLM sentence embeddings."""

    name = "sentence"

    def __init__(self, encoder: SentenceEncoder | None = None) -> None:
        self._encoder = encoder or SentenceEncoder()

    def rank(self, sentences: Sequence[str], brief: Brief, frame: Callable[[], Image], keep: int) -> list[str]:
        """The best `keep` sentences, best first; the frame is not looked at."""
        if not sentences:
            return []
        vectors = self._encoder.encode(list(sentences))  # (N, 384)
        emotions, levels = self._classes
        own = EMOTIONS.index(brief.emotion)
        near = vectors @ emotions.T  # (N, 8)
        rivals = np.delete(near, own, axis=1).max(axis=1)
        by_level = vectors @ levels[own].T  # (N, 3)
        other_levels = np.delete(by_level, brief.intensity - 1, axis=1).mean(axis=1)
        strength = by_level[:, brief.intensity - 1] - other_levels
        relevance = near[:, own] - RIVAL * rivals + STRENGTH * strength
        return [sentences[i] for i in choose_diverse(relevance, vectors, keep)]

    @cached_property
    def _classes(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Unit vectors of the emotions (8, 384) and of emotion and intensity (8, 3, 384)."""
        texts = [
            phrase
            for emotion in EMOTIONS
            for intensity in INTENSITIES
            for phrase in emotion_phrases(emotion, intensity)[:: max(1, len(SYNONYMS[emotion].plain))][:PHRASES]
        ]
        encoded = self._encoder.encode(texts)
        levels = encoded.reshape(len(EMOTIONS), len(INTENSITIES), -1, encoded.shape[-1]).mean(axis=2)
        emotions = levels.mean(axis=1)
        return _unit(emotions), _unit(levels)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
