"""Sound in and out: the first audio stream of a file as mono float32, and 16-bit wav."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import SAMPLE_RATE, atomic
from components.common.errors import UserError
from components.common.media.containers import Waveform, open_media


@dataclass(frozen=True)
class Sound:
    """(samples,) mono float32, and the time of the first one in seconds on the container's clock."""

    start: float
    samples: Waveform


def read_sound(path: Path, sample_rate: int = SAMPLE_RATE, seconds: float | None = None) -> Sound:
    """The first audio stream of a file, at most its first `seconds`, mixed to mono and resampled.

    Raises:
        UserError: no audio stream, no samples, damaged, or values that are not numbers.
    """
    with open_media(path) as container:
        if not container.streams.audio:
            raise UserError(f"{path} has no audio stream")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=sample_rate)
        limit = np.inf if seconds is None else seconds * sample_rate  # samples
        parts: list[NDArray[np.float32]] = []
        start: float | None = None
        count = 0
        try:
            for frame in container.decode(audio=0):
                if start is None:
                    start = float(frame.time or 0.0)
                for resampled in resampler.resample(frame):
                    parts.append(resampled.to_ndarray()[0])
                    count += len(parts[-1])
                if count >= limit:
                    break
            parts += [rest.to_ndarray()[0] for rest in resampler.resample(None)]
        except (av.error.FFmpegError, ValueError) as error:  # ValueError: the format changes midway
            raise UserError(f"{path}: the audio stream is damaged") from error
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if not len(samples):
        raise UserError(f"{path} has an audio stream without samples")
    if not np.isfinite(samples).all():
        raise UserError(f"{path}: the audio holds values that are not numbers (NaN)")
    return Sound(start or 0.0, samples[: int(min(limit, len(samples)))].astype(np.float32))


def read_audio(path: Path, sample_rate: int = SAMPLE_RATE) -> Waveform:
    """The first audio stream as mono float32 at `sample_rate`. Errors as `read_sound`."""
    return read_sound(path, sample_rate).samples


def write_wav(path: Path, audio: Waveform, sample_rate: int = SAMPLE_RATE) -> None:
    """Mono 16-bit PCM; values beyond [-1, 1] are clipped."""
    import soundfile

    with atomic(path) as temporary:
        soundfile.write(temporary, np.clip(audio, -1, 1), sample_rate, subtype="PCM_16", format="WAV")
