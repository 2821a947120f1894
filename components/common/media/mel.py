"""Mel filter banks, once for Style-E's hearing and for the evaluation's lip reader.

The bank of `transformers` rather than librosa's: the same numbers (a test compares them bit by bit), but librosa
imports numba, scipy.signal and joblib for it, 1.3 s that `transformers`, loaded by the pipelines anyway, does not take.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import SAMPLE_RATE


@cache
def mel_filters(bands: int, fft_size: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """(F, K) triangular filters of peak 1, for power spectra of `fft_size` samples at 16 kHz: F = fft_size / 2 + 1.

    Their centers lie evenly on the mel scale m = 2595 log10(1 + f / 700) (O'Shaughnessy, "Speech Communication", 1987;
    HTK's formula), from `low_hz` to `high_hz`. Read-only: the array is shared by all callers.
    """
    from transformers.audio_utils import mel_filter_bank

    filters = mel_filter_bank(fft_size // 2 + 1, bands, low_hz, high_hz, SAMPLE_RATE, norm=None, mel_scale="htk")
    filters = np.ascontiguousarray(filters, np.float64)
    filters.flags.writeable = False
    return filters
