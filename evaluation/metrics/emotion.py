"""Which emotion does a motion show? A classifier on clip statistics of the coefficients, fitted on the train split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS

Motion = NDArray[np.floating]  # (T, 58)

# How much the ridge of the logistic regression weighs against the data: clips are few, dimensions are many.
INVERSE_RIDGE = 0.5
LEAST_DEVIATION = 0.02  # keeps weights that never move on this footage from blowing up noise elsewhere
PITCH = INDEX["pitch"]


def clip_features(motion: Motion) -> NDArray[np.float64]:
    """(T, 58) -> (105,): mean and spread of the 52 weights and mean pitch. Speech moves the lips; the mean stays."""
    weights = motion[:, :WEIGHTS].astype(np.float64)
    return np.concatenate([weights.mean(axis=0), 0.5 * weights.std(axis=0), [motion[:, PITCH].mean()]])


@dataclass(frozen=True)
class Standardization:
    """Clip features to about zero mean and unit deviation over the clips it was fitted on."""

    mean: NDArray[np.float64]  # (105,)
    deviation: NDArray[np.float64]  # (105,)

    @classmethod
    def fit(cls, motions: Sequence[Motion]) -> Standardization:
        features = np.stack([clip_features(motion) for motion in motions])
        return cls(features.mean(axis=0), np.maximum(features.std(axis=0), LEAST_DEVIATION))

    def features(self, motion: Motion) -> NDArray[np.float64]:
        """(T, 58) -> (105,)."""
        return np.asarray((clip_features(motion) - self.mean) / self.deviation)


@dataclass(frozen=True)
class EmotionClassifier:
    """Multinomial logistic regression on standardized clip features.

    Example: ``EmotionClassifier.fit(motions, labels).predict(motion)``
    """

    standardization: Standardization
    model: Any  # a fitted sklearn.linear_model.LogisticRegression

    @classmethod
    def fit(cls, motions: Sequence[Motion], labels: Sequence[str]) -> EmotionClassifier:
        """At least two emotions, else there is nothing to tell apart (ValueError)."""
        from sklearn.linear_model import LogisticRegression

        if len(set(labels)) < 2:
            raise ValueError("an emotion classifier needs clips of at least two emotions")
        standardization = Standardization.fit(motions)
        model = LogisticRegression(C=INVERSE_RIDGE, max_iter=2000)
        model.fit(np.stack([standardization.features(motion) for motion in motions]), list(labels))
        return cls(standardization, model)

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions it can tell apart, sorted."""
        return tuple(str(label) for label in self.model.classes_)

    def predict(self, motion: Motion) -> str:
        """The likeliest emotion of a (T, 58) motion."""
        return str(self.model.predict(self.standardization.features(motion)[None])[0])
