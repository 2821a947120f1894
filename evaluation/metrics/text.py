"""Does the face say what the text said? Retrieval of the right text from the motion alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.emotion import Motion, clip_features

RIDGE = 0.3  # per row, on standardized features


@dataclass(frozen=True)
class TextRetriever:
    """A ridge regression from clip statistics into the space of sentence embeddings, where texts are looked up."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    center: NDArray[np.float64]  # (D,) mean embedding
    weights: NDArray[np.float64]  # (features, D)

    @classmethod
    def fit(cls, motions: Sequence[Motion], embeddings: NDArray[np.floating]) -> TextRetriever:
        """From motions and the (N, D) unit embeddings of the texts they go with."""
        x = np.stack([clip_features(motion) for motion in motions])
        mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 0.02)
        z = (x - mean) / spread
        center = embeddings.mean(axis=0, dtype=np.float64)
        gram = z.T @ z + RIDGE * len(z) * np.eye(z.shape[1])
        return cls(mean, spread, center, np.linalg.solve(gram, z.T @ (embeddings - center)))

    def rank(self, motion: Motion, candidates: NDArray[np.floating]) -> NDArray[np.intp]:
        """Indices of (K, D) candidate embeddings, best match first."""
        wanted = ((clip_features(motion) - self.mean) / self.spread) @ self.weights  # (D,)
        directions = candidates - self.center
        norms = np.maximum(np.linalg.norm(directions, axis=1), 1e-9)
        return np.argsort(-(directions @ wanted) / norms, kind="stable")

    def finds(self, motion: Motion, candidates: NDArray[np.floating], right: int) -> bool:
        """Whether the right candidate comes first."""
        return bool(self.rank(motion, candidates)[0] == right)
