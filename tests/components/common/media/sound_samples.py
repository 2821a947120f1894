"""Sound files with holes, offsets, several tracks and several channels, made on the spot with PyAV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]
BLOCK = 1024  # samples that go into an encoder at once
BEEPS = (0.5, 1.5, 2.5)  # seconds


def beeps(seconds: float = 3.0, rate: int = 48_000, hertz: float = 440.0) -> Wave:
    """(samples,) silence with 0.1 s of a tone at each of `BEEPS`."""
    t = np.arange(round(seconds * rate)) / rate
    on = np.any([(t >= start) & (t < start + 0.1) for start in BEEPS], axis=0)
    return (0.5 * np.sin(2 * np.pi * hertz * t) * on).astype(np.float32)


def onsets(wave: Wave, rate: int = 16_000) -> list[float]:
    """Seconds at which the beeps begin."""
    loud = np.abs(wave) > 0.1
    starts = np.flatnonzero(loud & ~np.concatenate([[False], loud[:-1]]))
    return [float(i) / rate for n, i in enumerate(starts) if n == 0 or i - starts[n - 1] > rate // 4]


def write_tracks(
    path: Path,
    tracks: Sequence[Wave],
    codec: str = "aac",
    rate: int = 48_000,
    default: int | None = None,
    keep: Callable[[float], bool] = lambda seconds: True,
    move: Callable[[float], float] = lambda seconds: 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """A file with one audio track for each of `tracks`, (C, samples) or (samples,).

    default: the track marked so. keep: whether to write the packet of a time. move: seconds to add to its time stamp.
    """
    layouts = {1: "mono", 2: "stereo", 6: "5.1"}
    with av.open(str(path), "w", options=options or {}) as container:
        streams: list[Any] = []
        for wave in tracks:
            streams.append(container.add_stream(codec, rate=rate, layout=layouts[len(np.atleast_2d(wave))]))
            if default is not None:
                chosen = len(streams) - 1 == default
                streams[-1].disposition = av.stream.Disposition.default if chosen else av.stream.Disposition(0)
        for stream, wave in zip(streams, tracks, strict=True):
            for packet in _packets(stream, np.atleast_2d(wave), rate):
                if packet.pts is None:
                    continue
                seconds = float(packet.pts * packet.time_base)
                if keep(seconds):
                    shift = round(move(seconds) / packet.time_base)
                    packet.pts += shift
                    packet.dts = packet.pts
                    container.mux(packet)
    return path


def _packets(stream: Any, wave: Wave, rate: int) -> list[Any]:
    kind = stream.codec_context.codec.audio_formats[0].name
    samples = wave if kind.startswith("flt") else (wave * 32_767).astype(np.int16)
    packets: list[Any] = []
    for start in range(0, samples.shape[1], BLOCK):
        part = samples[:, start : start + BLOCK]
        part = part if kind.endswith("p") else part.T.reshape(1, -1)
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format=kind, layout=stream.layout.name)
        block.sample_rate, block.pts = rate, start
        packets += stream.encode(block)
    return [*packets, *stream.encode()]
