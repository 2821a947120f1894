"""Mel filters: against librosa's, evenly spaced in mel, and without librosa's imports."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from components.common.media.mel import mel_filters


@pytest.mark.parametrize(
    ("bands", "fft_size", "low_hz"), [(8, 1024, 55.0), (40, 1024, 55.0), (80, 1024, 55.0), (20, 512, 60.0)]
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_librosa_says_the_same_to_the_last_bit(bands: int, fft_size: int, low_hz: float, kind: type) -> None:
    from librosa.filters import mel

    theirs = mel(sr=16_000, n_fft=fft_size, n_mels=bands, fmin=low_hz, fmax=7600.0, htk=True, norm=None, dtype=kind)
    np.testing.assert_array_equal(mel_filters(bands, fft_size, low_hz, 7600.0).astype(kind), theirs.T)


@pytest.mark.parametrize("bands", [8, 40, 80])
def test_the_filters_share_every_frequency_out_evenly_in_mel(bands: int) -> None:
    filters = mel_filters(bands, 1024, 55.0, 7600.0)  # (bins, bands)
    bins = np.linspace(0, 8000, len(filters))
    centers = (bins[:, None] * filters).sum(0) / filters.sum(0)
    inside = (bins > centers[0] + 150) & (bins < centers[-1] - 150)
    np.testing.assert_allclose(filters[inside].sum(1), 1, atol=1e-3)  # neighbors add up
    mel = 2595 * np.log10(1 + centers / 700)
    assert np.abs(np.diff(mel) / np.diff(mel).mean() - 1).max() < 0.35  # low bands hold few bins
    assert (filters.max(0) > 0.3).all()  # no band is empty


def test_the_shared_bank_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        mel_filters(8, 1024, 55.0, 7600.0)[0, 0] = 1


@pytest.mark.slow
def test_neither_numba_nor_librosa_is_loaded() -> None:
    script = (
        "import sys; from components.common.media.mel import mel_filters; mel_filters(20, 512, 60.0, 7600.0);"
        "print({'numba', 'librosa'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"
