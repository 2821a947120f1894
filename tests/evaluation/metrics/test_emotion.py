"""The emotion classifier finds what was put in; weights that never move do not decide."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX
from evaluation.metrics.emotion import LEAST_DEVIATION, EmotionClassifier, Standardization, clip_features

SHAPES = {"happy": "mouthSmileLeft", "sad": "browInnerUp", "angry": "browDownLeft"}


def motion(emotion: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.uniform(0, 0.1, (30, COEFFICIENTS)).astype(np.float32)
    rows[:, INDEX["jawOpen"]] += rng.uniform(0, 0.6, 30)
    rows[:, INDEX[SHAPES[emotion]]] += 0.5
    return rows


@pytest.mark.parametrize("emotions", [("happy", "sad"), ("happy", "sad", "angry")])
def test_emotion_classifier(emotions: tuple[str, ...]) -> None:
    labels = list(emotions) * 8
    classifier = EmotionClassifier.fit([motion(e, i) for i, e in enumerate(labels)], labels)
    assert [classifier.predict(motion(e, 100 + i)) for i, e in enumerate(labels)] == labels
    assert classifier.labels == tuple(sorted(emotions))


def test_one_emotion_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="two emotions"):
        EmotionClassifier.fit([motion("sad", 0)], ["sad"])


def test_features_are_means_and_halved_deviations_of_the_weights_and_mean_pitch() -> None:
    rows = np.zeros((4, COEFFICIENTS), np.float32)
    rows[:, INDEX["jawOpen"]] = (0, 0.4, 0, 0.4)
    rows[:, INDEX["pitch"]] = (0.1, 0.3, 0.1, 0.3)
    rows[:, INDEX["yaw"]] = 9.0  # where somebody looks is no emotion
    features = clip_features(rows)
    assert features.shape == (105,)
    assert features[INDEX["jawOpen"]] == pytest.approx(0.2)
    assert features[52 + INDEX["jawOpen"]] == pytest.approx(0.1)
    assert features[-1] == pytest.approx(0.2)
    assert np.count_nonzero(features) == 3


def test_standardization_has_a_floor() -> None:
    still, moving = np.zeros((2, COEFFICIENTS)), np.ones((2, COEFFICIENTS))
    standardization = Standardization.fit([still, still])
    assert (standardization.deviation == LEAST_DEVIATION).all()
    assert standardization.features(moving)[0] == pytest.approx(1 / LEAST_DEVIATION)
    assert Standardization.fit([still, moving]).features(moving)[0] == pytest.approx(1.0)
