"""A file's sound as decoded frames whose time stamps can be followed: the best stream, with its damage counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from components.common.errors import UserError
from components.common.media.containers import best_video

OVERLAP = 1.0  # seconds; a time stamp further back is of another clock
LONGEST_HOLE = 600.0  # seconds of silence that one hole may stand for
LONGEST_LEAD = 10.0  # seconds; a first time stamp beyond is the clock of a live recording, not a pause
MAX_DAMAGED = 0.05  # share of packets that may not decode; silence stands for them
ZERO_BASED = {"mov", "matroska", "ogg"}  # containers whose time zero is where the playing begins


class SoundStream:
    """Iterates over the frames of a file's best audio stream, once.

    start: seconds on the container's clock, of the first frame (from then on). damaged: packets that did not decode.

    Raises (at iteration):
        UserError: too much is damaged, a hole is longer than `LONGEST_HOLE`, or the clock runs backwards beside a
            picture. Without a picture it has begun anew (joined recordings), and the sound just goes on.
    """

    def __init__(self, path: Path, container: InputContainer) -> None:
        self._path, self._container = path, container
        if not container.streams.audio:
            raise UserError(f"{path} has no audio stream")
        self._video = best_video(container)
        # As FFmpeg chooses: the one marked as default first; of several programs, that of the picture.
        self._stream: Any = container.streams.best("audio", related=self._video)
        if self._stream is None:
            raise UserError(f"{path}: FFmpeg has no decoder for its audio stream")
        self.start = 0.0
        self.damaged = 0

    def __iter__(self) -> Iterator[Any]:
        end: float | None = None  # seconds, where the sound so far ends
        shift = 0.0  # seconds, after the clock began anew
        for frame in self._decode():
            seconds = (end or 0.0) if frame.time is None else frame.time + shift
            if end is None:
                self.start = seconds
            elif seconds > end + LONGEST_HOLE:
                raise UserError(f"{self._path}: the sound has a hole of {seconds - end:.0f} s; cut the file there")
            elif seconds < end - OVERLAP:
                if self._video is not None:
                    raise UserError(
                        f"{self._path}: the time stamps of the sound run backwards by {end - seconds:.1f} s"
                    )
                shift += end - seconds
                seconds = end
            if shift and frame.pts is not None:
                frame.pts += round(shift / frame.time_base)
            end = max(end or seconds, seconds + frame.samples / frame.sample_rate)
            yield frame

    @property
    def lead(self) -> float:
        """Seconds from where the file begins to the first sample."""
        if self._video is not None:
            return max(0.0, self.start - (self._container.start_time or 0) / av.time_base)
        # Other containers number their time stamps from anywhere, or from the padding of their encoder (mp3).
        zero_based = ZERO_BASED & set(self._container.format.name.split(","))
        return self.start if zero_based and 0 < self.start <= LONGEST_LEAD else 0.0

    def _decode(self) -> Iterator[Any]:
        packets = 0
        for packet in self._container.demux(self._stream):
            packets += 1
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.damaged += 1
                continue
            yield from frames
        if self.damaged > MAX_DAMAGED * packets:
            raise UserError(f"{self._path}: the audio stream is damaged: {self.damaged} of {packets} packets")
