"""Stereo to mono without losing a voice that one channel holds upside down (a miswired microphone, a "wide" effect)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 0.25  # seconds over which the channels are compared
ANTIPHASE = 4.0  # energy of the channels' difference over that of their sum, from which on one is upside down
PAUSE = 1e-4  # of the loudest block's energy, -40 dB; noise below it has no phase worth following


def down_mix(channels: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """(C, samples), C one or two -> (samples,): their mean, the second one turned over where the mean would cancel.

    It is judged block by block, for files joined of several recordings, and fades from one to the other.
    """
    if len(channels) == 1:
        return np.asarray(channels[0])
    left, right = channels
    size = round(BLOCK * sample_rate)
    starts = np.arange(0, len(left), size)
    total, difference = (_energy(part, starts) for part in (left + right, left - right))
    if not (difference > ANTIPHASE * total).any():
        return np.asarray((left + right) / 2)
    # Pauses say nothing: there it stays as before.
    heard = total + difference > PAUSE * (total + difference).max()
    middles = (starts + size / 2)[heard]
    signs = np.where(difference > ANTIPHASE * total, -1.0, 1.0)[heard]
    turn = np.interp(np.arange(len(left)), middles, signs).astype(np.float32)
    return np.asarray((left + turn * right) / 2)


def _energy(wave: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.add.reduceat(np.square(wave, dtype=np.float64), starts) if len(wave) else np.zeros(0)
