"""Sound in and out: the best audio stream of a file as mono float32, each sample in its time, and 16-bit wav."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import SAMPLE_RATE, atomic
from components.common.errors import UserError
from components.common.media.containers import Waveform, open_media
from components.common.media.down_mix import down_mix
from components.common.media.sound_stream import SoundStream

JITTER = 0.02  # seconds that a time stamp may be off before silence is filled in or an overlap is dropped


@dataclass(frozen=True)
class Sound:
    """(samples,) mono float32, and the time of the first one in seconds on the container's clock.

    lead: seconds of the file before the first sample. damaged: packets that could not be decoded; silence, here.
    """

    start: float
    samples: Waveform
    lead: float = 0.0
    damaged: int = 0

    def from_the_beginning(self, sample_rate: int = SAMPLE_RATE) -> Waveform:
        """The samples after as much silence as the file begins with."""
        silence = np.zeros(round(self.lead * sample_rate), np.float32)
        return np.concatenate([silence, self.samples]) if len(silence) else self.samples


def read_sound(path: Path, sample_rate: int = SAMPLE_RATE, seconds: float | None = None) -> Sound:
    """The best audio stream of a file, at most its first `seconds`, mixed to mono and resampled.

    Samples lie where their time stamps say: holes (silence that was not sent, lost packets, edits) are silent, and of
    overlaps the later part is dropped.

    Raises:
        UserError: no audio stream, no samples, damaged, time stamps that cannot be followed, or values that are not
            numbers.
    """
    limit = None if seconds is None else round(seconds * sample_rate)  # samples
    with open_media(path) as container:
        stream = SoundStream(path, container)
        try:
            channels = _collect(_Resampler(sample_rate), stream, limit)
        except (av.error.FFmpegError, ValueError) as error:  # ValueError: the format changes midway
            raise UserError(f"{path}: the audio stream is damaged") from error
        lead = stream.lead
    if not channels.size:
        raise UserError(f"{path} has an audio stream without samples")
    if not np.isfinite(channels).all():
        raise UserError(f"{path}: the audio holds values that are not numbers (NaN)")
    return Sound(stream.start, down_mix(channels, sample_rate), lead, stream.damaged)


def read_audio(path: Path, sample_rate: int = SAMPLE_RATE) -> Waveform:
    """The same from where the file begins: silence up to the first sample. Errors as `read_sound`."""
    return read_sound(path, sample_rate).from_the_beginning(sample_rate)


def write_wav(path: Path, audio: Waveform, sample_rate: int = SAMPLE_RATE) -> None:
    """Mono 16-bit PCM; values beyond [-1, 1] are clipped."""
    import soundfile

    with atomic(path) as temporary:
        soundfile.write(temporary, np.clip(audio, -1, 1), sample_rate, subtype="PCM_16", format="WAV")


class _Resampler:
    """FFmpeg's resampler, which fills and drops by time stamps. count: samples that came out."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._graph: Any = None
        self.count = 0

    def push(self, frame: Any) -> Iterator[NDArray[np.float32]]:
        """The next frame in, (channels, samples) out; one channel or two. None: the end."""
        if self._graph is None:
            if frame is None:
                return
            self._graph = self._made_for(frame)
        self._graph.push(frame)
        while True:
            try:
                out: NDArray[np.float32] = self._graph.pull().to_ndarray()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            self.count += out.shape[1]
            yield out

    def _made_for(self, frame: Any) -> Any:
        graph = av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
        )
        in_time = graph.add("aresample", f"{self.rate}:async=1:min_hard_comp={JITTER}")
        layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
        shape = graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}")
        graph.link_nodes(source, in_time, shape, graph.add("abuffersink")).configure()
        return graph


def _collect(resampler: _Resampler, stream: SoundStream, limit: int | None) -> NDArray[np.float32]:
    """(channels, samples) of a stream, at most `limit` of them."""
    parts: list[NDArray[np.float32]] = []
    fill = 0
    for frame in stream:
        if limit is not None and resampler.count >= limit:
            break
        if limit is not None and (frame.time or 0.0) - stream.start >= limit / resampler.rate:
            fill = limit  # a hole reaches beyond what is asked for, perhaps far: not filled to its end
            break
        parts += resampler.push(frame)
    parts += resampler.push(None)
    channels = np.concatenate(parts, axis=1) if parts else np.zeros((1, 0), np.float32)
    return np.pad(channels, ((0, 0), (0, max(0, fill - channels.shape[1]))))[:, :limit]
