"""Does the face say what the text said? Retrieval of the right text from the motion alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.emotion import Motion, Standardization

RIDGE = 0.3  # per row, on standardized features


@dataclass(frozen=True)
class TextRetriever:
    """A ridge regression from clip statistics into the space of sentence embeddings, where texts are looked up."""

    standardization: Standardization
    center: NDArray[np.float64]  # (D,) mean embedding
    weights: NDArray[np.float64]  # (features, D)

    @classmethod
    def fit(cls, motions: Sequence[Motion], embeddings: NDArray[np.floating]) -> TextRetriever:
        """From motions and the (N, D) unit embeddings of the texts they go with."""
        from sklearn.linear_model import Ridge

        standardization = Standardization.fit(motions)
        features = np.stack([standardization.features(motion) for motion in motions])  # (N, features)
        center = embeddings.mean(axis=0, dtype=np.float64)
        model = Ridge(alpha=RIDGE * len(features), fit_intercept=False).fit(features, embeddings - center)
        return cls(standardization, center, np.asarray(model.coef_).T)

    def rank(self, motion: Motion, candidates: NDArray[np.floating]) -> NDArray[np.intp]:
        """Indices of (K, D) candidate embeddings by cosine similarity to the predicted one, best match first."""
        predicted = self.standardization.features(motion) @ self.weights  # (D,)
        directions = candidates - self.center
        norms = np.maximum(np.linalg.norm(directions, axis=1), 1e-9)
        return np.argsort(-(directions @ predicted) / norms, kind="stable")

    def finds(self, motion: Motion, candidates: NDArray[np.floating], right: int) -> bool:
        """Whether the right candidate comes first."""
        return bool(self.rank(motion, candidates)[0] == right)
