"""Do the lips move with the speech? A small model of lips from sound, and the lag at which it agrees best.

A ridge regression, fitted on the training split, predicts lip aperture and width from the log-mel spectrum around a
video frame. Its prediction is correlated with the measured lips at lags of up to 15 frames, as SyncNet does with its
embeddings (Chung and Zisserman, "Out of time", 2016): the lag of the peak is the offset, and the peak's height over the
median of all lags is the confidence. The scale is that of correlations (0-1), not SyncNet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.agreement import pearson
from components.common.artifacts import FPS, SAMPLE_RATE
from components.common.media import Waveform
from components.common.media.mel import mel_filters

BANDS = 20
HOP = SAMPLE_RATE // 100  # 10 ms
WINDOW = 400  # samples, 25 ms
FFT = 512
LOW_HZ, HIGH_HZ = 60.0, 7600.0
CONTEXT = 3  # video frames on each side
PER_FRAME = SAMPLE_RATE // FPS // HOP  # spectra per video frame
MOST_LAG = 15  # frames
LEAST_OVERLAP = 8  # frames; correlations over fewer mean nothing
RIDGE = 0.05  # per row, on standardized features
FLOOR_NATS = 9.0  # quieter than this below the loud parts counts as silence


def sound_features(audio: Waveform, frames: int) -> NDArray[np.float64]:
    """(frames, BANDS * PER_FRAME * (2 * CONTEXT + 1)) log-mel around each video frame, normalized per clip and band."""
    length = frames * PER_FRAME
    padded = np.zeros(length * HOP + FFT, np.float64)
    # Centered windows: spectrum i looks at the samples around the middle of its 10 ms.
    shift = (FFT - HOP) // 2
    samples = min(len(audio), length * HOP)
    padded[shift : shift + samples] = audio[:samples]
    window = np.zeros(FFT)
    window[(FFT - WINDOW) // 2 : (FFT + WINDOW) // 2] = np.hanning(WINDOW)
    views = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][:length]  # (length, FFT)
    power = np.abs(np.fft.rfft(views * window, axis=1)) ** 2
    mel = np.log(power @ mel_filters(BANDS, FFT, LOW_HZ, HIGH_HZ) + 1e-8)  # (length, BANDS)
    mel = np.maximum(mel, np.quantile(mel.max(axis=1), 0.95) - FLOOR_NATS)
    mel = (mel - mel.mean(axis=0)) / (mel.std(axis=0) + 0.1)
    blocks = mel.reshape(frames, PER_FRAME * BANDS)
    around = np.pad(blocks, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    return np.concatenate([around[i : i + frames] for i in range(2 * CONTEXT + 1)], axis=1)


@dataclass(frozen=True)
class LipPredictor:
    """Predicts standardized lip curves from sound."""

    weights: NDArray[np.float64]  # (features, curves)

    @classmethod
    def fit(cls, sounds: Sequence[Waveform], lips: Sequence[NDArray[np.floating]]) -> LipPredictor:
        """From waveforms and (T, curves) lip measurements of the same clips (each clip is standardized by itself)."""
        from sklearn.linear_model import Ridge

        x = np.concatenate([sound_features(audio, len(curves)) for audio, curves in zip(sounds, lips, strict=True)])
        y = np.concatenate([_standardized(curves) for curves in lips])
        model = Ridge(alpha=RIDGE * len(x), fit_intercept=False).fit(x, y)
        return cls(np.atleast_2d(model.coef_).T)  # scikit-learn drops the axis of a single curve

    def predict(self, audio: Waveform, frames: int) -> NDArray[np.float64]:
        """(frames, curves)."""
        return np.asarray(sound_features(audio, frames) @ self.weights)


@dataclass(frozen=True)
class Sync:
    """offset: frames by which the lips come after the sound. confidence: 0 (unrelated) to about 1."""

    offset: int
    confidence: float


def measure_sync(predictor: LipPredictor, audio: Waveform, lips: NDArray[np.floating]) -> Sync:
    """Sync of sound and (T, curves) measured lips; confidence NaN where the lips never move."""
    predicted = predictor.predict(audio, len(lips))
    correlations = np.stack([lag_correlations(predicted[:, i], lips[:, i], MOST_LAG) for i in range(lips.shape[1])])
    if np.isnan(correlations).all():
        return Sync(0, float("nan"))
    mean = np.where(np.isnan(correlations), 0.0, correlations).mean(axis=0)  # (lags,)
    peak = int(mean.argmax())
    return Sync(peak - MOST_LAG, float(mean[peak] - np.median(mean)))


def lag_correlations(a: NDArray[np.floating], b: NDArray[np.floating], most: int) -> NDArray[np.float64]:
    """(2 * most + 1,) Pearson's r of `a[t]` with `b[t + lag]`, lag from -most to most.

    Both (T,). NaN where a curve is constant or the overlap is shorter than `LEAST_OVERLAP`.
    """
    frames = len(a)
    correlations = np.full(2 * most + 1, np.nan)
    for i, lag in enumerate(range(-most, most + 1)):
        first, last = max(0, -lag), min(frames, frames - lag)
        if last - first >= LEAST_OVERLAP:
            correlations[i] = pearson(a[first:last], b[first + lag : last + lag])
    return correlations


def _standardized(curves: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(curves, np.float64)
    return np.asarray((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-6))
