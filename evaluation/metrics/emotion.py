"""Which emotion does a motion show? A classifier on clip statistics of the coefficients, fitted on the train split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS

Motion = NDArray[np.floating]  # (T, 58)

# How much the ridge of the logistic regression weighs against the data: clips are few, dimensions are many.
INVERSE_RIDGE = 0.5
PITCH = INDEX["pitch"]


def clip_features(motion: Motion) -> NDArray[np.float64]:
    """(T, 58) -> (105,): mean and spread of the 52 weights and mean pitch. Speech moves the lips; the mean stays."""
    weights = motion[:, :WEIGHTS].astype(np.float64)
    return np.concatenate([weights.mean(axis=0), 0.5 * weights.std(axis=0), [motion[:, PITCH].mean()]])


@dataclass(frozen=True)
class EmotionReader:
    """Multinomial logistic regression on standardized clip features.

    Example: ``EmotionReader.fit(motions, labels).read(motion)``
    """

    labels: tuple[str, ...]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]  # (labels, features)
    bias: NDArray[np.float64]  # (labels,)

    @classmethod
    def fit(cls, motions: Sequence[Motion], labels: Sequence[str]) -> EmotionReader:
        """At least two emotions, else there is nothing to tell apart (ValueError)."""
        from sklearn.linear_model import LogisticRegression

        names = tuple(sorted(set(labels)))
        if len(names) < 2:
            raise ValueError("an emotion reader needs clips of at least two emotions")
        x = np.stack([clip_features(motion) for motion in motions])
        # A floor keeps weights that never move on this footage from blowing up noise elsewhere.
        mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 0.02)
        model = LogisticRegression(C=INVERSE_RIDGE, max_iter=2000)
        model.fit((x - mean) / spread, np.array([names.index(label) for label in labels]))
        if len(names) == 2:  # scikit-learn keeps one row for two classes
            return cls(names, mean, spread, np.vstack([-model.coef_, model.coef_]) / 2, _mirrored(model.intercept_))
        return cls(names, mean, spread, model.coef_, model.intercept_)

    def scores(self, motion: Motion) -> NDArray[np.float64]:
        """(labels,) log-odds up to a constant."""
        return np.asarray(self.weights @ ((clip_features(motion) - self.mean) / self.spread) + self.bias)

    def read(self, motion: Motion) -> str:
        """The likeliest emotion of a (T, 58) motion."""
        return self.labels[int(self.scores(motion).argmax())]


def _mirrored(intercept: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([-intercept[0], intercept[0]]) / 2
