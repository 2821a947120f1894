"""How excited a voice sounds: loudness, pitch, pitch range and pace, compared with the rest of the corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import SAMPLE_RATE
from components.common.machine.compiled import guard_cache
from components.common.media import Waveform

HOP = 320  # samples; 20 ms
PITCH = (65.0, 500.0)  # Hz
AUDIBLE = 25.0  # dB below the clip's loudest part; quieter frames are pauses


def prosody(audio: Waveform) -> NDArray[np.float64]:
    """(4,): level in dB, median pitch and its interquartile range in semitones, crossings of the mean level a second.

    Semitones are above 100 Hz; pitch by YIN (de Cheveigne and Kawahara, 2002). Zeros for silence.
    """
    guard_cache()
    import librosa

    blocks = audio[: len(audio) // HOP * HOP].reshape(-1, HOP)
    level = 10 * np.log10((blocks.astype(np.float64) ** 2).mean(axis=1) + 1e-10)  # (frames,) dB
    loud = level > level.max(initial=-100.0) - AUDIBLE
    if not len(level) or level.max() < -70 or loud.sum() < 10:
        return np.zeros(4)
    pitch = librosa.yin(audio, fmin=PITCH[0], fmax=PITCH[1], sr=SAMPLE_RATE, hop_length=HOP)[: len(loud)]
    tones = 12 * np.log2(pitch[loud[: len(pitch)]] / 100.0)
    low, middle, high = np.percentile(tones, (25, 50, 75))
    crossings = np.abs(np.diff(np.sign(level - level[loud].mean()))).sum() / 2
    return np.array([level[loud].mean(), middle, high - low, crossings / (len(audio) / SAMPLE_RATE)])


def arousal(features: Sequence[NDArray[np.floating]], identities: Sequence[str]) -> NDArray[np.float64]:
    """(N,) excitement of each clip's voice in standard deviations, relative to the same person's other clips.

    features: `prosody` of each clip; identities: who speaks.
    """
    table = np.stack(features)
    names = np.array(identities)
    for name in sorted(set(identities)):
        table[names == name] -= np.median(table[names == name], axis=0)
    spread = table.std(axis=0)
    return np.asarray((table / np.where(spread > 1e-6, spread, 1.0)).mean(axis=1))
