"""The offset of lips and sound is found with its sign; unrelated or still lips have no confidence."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.artifacts import FPS, SAMPLE_RATE
from evaluation.metrics.lip_sync import LipPredictor, lag_correlations, measure_sync, sound_features


def spoken(seed: int, frames: int = 75) -> tuple[np.ndarray, np.ndarray]:
    """Noise whose loudness is the lip curve, as (audio, lips (T, 1))."""
    rng = np.random.default_rng(seed)
    lips = np.convolve(rng.uniform(0, 1, frames + 4), np.ones(5) / 5, "valid")
    loud = np.interp(np.arange(frames * SAMPLE_RATE // FPS) / (SAMPLE_RATE / FPS) - 0.5, np.arange(frames), lips)
    return (rng.normal(size=len(loud)) * 10 ** (2 * loud - 3)).astype(np.float32), lips[:, None]


@pytest.fixture(scope="module")
def predictor() -> LipPredictor:
    sounds, lips = zip(*(spoken(i) for i in range(12)), strict=True)
    return LipPredictor.fit(sounds, lips)


@pytest.mark.parametrize("lag", [-5, 0, 4])
def test_sync_finds_the_offset(predictor: LipPredictor, lag: int) -> None:
    audio, lips = spoken(90, 120)
    shifted = np.roll(lips, lag, axis=0)
    found = measure_sync(predictor, audio, shifted)
    assert abs(found.offset - lag) <= 1
    _, other = spoken(91, 120)
    assert found.confidence > measure_sync(predictor, audio, other).confidence + 0.2


def test_still_lips_have_no_sync(predictor: LipPredictor) -> None:
    audio, lips = spoken(92)
    assert np.isnan(measure_sync(predictor, audio, np.zeros_like(lips)).confidence)


@pytest.mark.parametrize("lag", [-4, 0, 3])
def test_lag_is_found_with_its_sign(lag: int) -> None:
    source = np.random.default_rng(1).normal(size=100)
    a = source[20:80]
    b = source[20 - lag : 80 - lag]  # b(t + lag) = a(t): b comes `lag` later
    correlations = lag_correlations(a, b, 6)
    assert int(correlations.argmax()) - 6 == lag
    assert correlations.max() == pytest.approx(1.0)
    assert np.isnan(lag_correlations(a, np.zeros(60), 6)).all()


def test_short_overlaps_do_not_count() -> None:
    a = np.random.default_rng(2).normal(size=10)
    assert np.isfinite(lag_correlations(a, a, 4)).tolist() == [abs(lag) <= 2 for lag in range(-4, 5)]


def test_the_predictor_is_the_ridge_regression_of_the_normal_equations() -> None:
    sounds, lips = zip(*(spoken(i, 12) for i in range(2)), strict=True)
    x = np.concatenate([sound_features(sound, 12) for sound in sounds])
    y = np.concatenate([(curve - curve.mean(0)) / curve.std(0) for curve in lips])
    expected = np.linalg.solve(x.T @ x + 0.05 * len(x) * np.eye(x.shape[1]), x.T @ y)
    assert LipPredictor.fit(sounds, lips).weights == pytest.approx(expected, abs=1e-5)
