"""Speech to mel features at 100 Hz, four to a video frame, normalized per clip; and their augmentation.

Axes: T video frames, M = 4 T mel frames, K bands. Mel frames 4i .. 4i+3 have their centers inside video frame i.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import FPS, SAMPLE_RATE
from components.common.errors import UserError
from components.common.media.mel import mel_filters

Array = NDArray[np.float32]

HOP = 160  # samples: 100 mel frames a second
WINDOW = 400  # samples: 25 ms
FFT = 1024  # zero-padded, so that the narrow low bands still hold a bin
MELS_PER_FRAME = SAMPLE_RATE // (HOP * FPS)  # 4
LOW_HZ, HIGH_HZ = 55.0, 7600.0
POWER_FLOOR = 1e-10  # of a band's power; log gives the floor of the log mel
DYNAMIC_RANGE = 9.0  # nats below the clip's loud frames at which a soft floor begins
QUIETEST_PEAK = -10.0  # nats: a clip whose loud frames lie below is treated as if they lay here (silence stays silence)


def frame_count(samples: int) -> int:
    """Video frames that `samples` of audio last, at least one."""
    return max(1, round(samples / SAMPLE_RATE * FPS))


def check_audio(audio: NDArray[np.floating]) -> Array:
    """The waveform as float32, or a `UserError`: it must be mono, finite and not empty."""
    wave = np.asarray(audio, np.float32)
    if wave.ndim != 1 or not len(wave):
        raise UserError(f"audio must be mono with at least one sample, not of shape {wave.shape}")
    if not np.isfinite(wave).all():
        raise UserError("audio holds samples that are not numbers; export it again")
    return wave


def log_mel(audio: NDArray[np.floating], bands: int) -> Array:
    """Log mel power of a waveform: (samples,) -> (M, K) with M = 4 * `frame_count(samples)`."""
    import torch

    wave = torch.from_numpy(check_audio(audio))
    mels = MELS_PER_FRAME * frame_count(len(wave))
    # Mel frame j is centered on sample 160 j + 80, the middle of its own 10 ms.
    before = FFT // 2 - HOP // 2
    after = max(0, (mels - 1) * HOP + FFT - before - len(wave))
    padded = torch.nn.functional.pad(wave, (before, after))
    window = torch.hann_window(WINDOW, periodic=True)
    spectrum = torch.stft(
        padded, FFT, hop_length=HOP, win_length=WINDOW, window=window, center=False, return_complex=True
    )
    power = spectrum[:, :mels].abs().square().T / WINDOW  # (M, FFT/2 + 1)
    filters = torch.from_numpy(mel_filters(bands, FFT, LOW_HZ, HIGH_HZ).astype(np.float32))
    return torch.log(power @ filters + POWER_FLOOR).numpy()


def frame_level(mel: NDArray[np.floating]) -> Array:
    """(M, K) log mel -> (M,) log of the whole power of each frame."""
    peak = mel.max(1)
    return np.asarray(peak + np.log(np.exp(mel - peak[:, None]).sum(1)), np.float32)


def leveled(mel: NDArray[np.floating]) -> tuple[Array, Array]:
    """Log mel relative to the clip's loud frames, over a soft floor; and (M,) 1 where a frame is speech, else 0."""
    level = frame_level(mel)
    peak = max(float(np.quantile(level, 0.95)), QUIETEST_PEAK)
    floor = -DYNAMIC_RANGE - 3.5
    relative = np.logaddexp(mel - peak, floor)
    return relative.astype(np.float32), (level - peak > -0.75 * DYNAMIC_RANGE).astype(np.float32)


def normalize(mel: NDArray[np.floating], mean: Array, std: Array, pad: int = 0) -> Array:
    """Zero mean and unit spread per band over the clip's speech, silence around: (M, K) -> (M + 2 pad, K).

    mean, std: (K,) of usual speech. They count as a quarter of a second of it, so a clip that is very short or holds
    no speech keeps the usual scale: silence then looks like silence, not like an average sound.
    """
    usual = 25.0  # mel frames
    relative, speech = leveled(mel)
    weight = speech[:, None]
    count = usual + weight.sum()
    center = (usual * mean + (weight * relative).sum(0)) / count
    square = (usual * std**2 + (weight * (relative - center) ** 2).sum(0)) / count
    silence = np.full((pad, mel.shape[1]), -DYNAMIC_RANGE - 3.5, np.float32)
    padded = np.concatenate([silence, relative, silence])
    return np.asarray((padded - center) / (np.sqrt(square) + 0.3), np.float32)


def band_statistics(mels: list[Array]) -> tuple[Array, Array]:
    """(K,) mean and standard deviation of leveled speech over many clips: the usual speech of `normalize`."""
    parts = [leveled(mel) for mel in mels]
    speech = np.concatenate([relative[active > 0] for relative, active in parts] or [np.zeros((1, 1), np.float32)])
    return speech.mean(0).astype(np.float32), speech.std(0).astype(np.float32)


def augment(mel: NDArray[np.floating], rng: np.random.Generator) -> Array:
    """Another voice, microphone and room for a log mel (M, K): vocal tract length, equalizer, noise."""
    frames, bands = mel.shape
    band = np.arange(bands)
    # Vocal tract length: the frequency axis stretched by up to 8 % and moved by up to a sixteenth of the bands.
    place = np.clip(band * rng.uniform(0.92, 1.08) + rng.uniform(-1, 1) * bands / 16, 0, bands - 1.001)
    low = place.astype(int)
    share = (place - low).astype(np.float32)
    out = mel[:, low] * (1 - share) + mel[:, low + 1] * share
    waves = np.stack([np.cos(np.pi * j * (band + 0.5) / bands) for j in range(1, 5)])  # (4, K)
    out = out + (rng.normal(0, 1, 4) * [1.2, 0.8, 0.6, 0.5]) @ waves
    if rng.random() < 0.75:
        peak = float(np.quantile(frame_level(out), 0.95))
        tilt = (rng.normal(0, 1, 2) * [1.2, 0.6]) @ waves[:2]
        noise = peak + rng.uniform(-9.5, -3.0) - 4.0 + tilt + rng.normal(0, 0.5, (frames, bands))
        out = np.logaddexp(out, noise)
    return np.asarray(out, np.float32)
