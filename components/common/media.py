"""Video and audio in and out, through PyAV. Local files only: no URL, no concat or other protocol, ever reaches FFmpeg."""

from __future__ import annotations

import fractions
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from components.common.artifacts import FPS, SAMPLE_RATE
from components.common.errors import UserError

Image = NDArray[np.uint8]  # (H, W, 3) RGB
Waveform = NDArray[np.float32]  # (samples,) mono in [-1, 1]


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a local media file. Failures become one-line `UserError`s."""
    if not path.is_file():
        raise UserError(f"{path} is not a file")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty")
    # A Python file object keeps FFmpeg from interpreting the name as a protocol.
    with path.open("rb") as stream:
        try:
            container = av.open(stream)
        except (av.error.FFmpegError, ValueError) as error:
            raise UserError(f"{path} is not a media file that FFmpeg can read") from error
        with container:
            yield container


def read_frames(path: Path) -> Iterator[Image]:
    """The frames of a video in order, RGB."""
    with open_media(path) as container:
        if not container.streams.video:
            raise UserError(f"{path} has no video stream")
        stream = container.streams.video[0]
        # Frame threads lose time on small pictures and make decoding order-dependent on load.
        stream.thread_type = "NONE"
        for frame in container.decode(stream):
            yield frame.to_ndarray(format="rgb24")


def read_audio(path: Path, sample_rate: int = SAMPLE_RATE) -> Waveform:
    """The first audio stream as mono float32 at `sample_rate`."""
    with open_media(path) as container:
        if not container.streams.audio:
            raise UserError(f"{path} has no audio stream")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=sample_rate)
        parts: list[NDArray[np.float32]] = []
        try:
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
            parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
        except av.error.FFmpegError as error:
            raise UserError(f"{path}: the audio stream is damaged") from error
    if not parts:
        raise UserError(f"{path} has an audio stream without samples")
    return np.concatenate(parts).astype(np.float32)


class VideoWriter:
    """Stream frames and a whole waveform into an H.264 + AAC mp4. Same input, same bytes.

    Example: ``with VideoWriter(path, 256, 256, audio=wave) as video: video.add(frame)``
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        audio: Waveform | None = None,
        fps: int = FPS,
        crf: int = 18,
        sample_rate: int = SAMPLE_RATE,
        metadata: dict[str, str] | None = None,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._audio = audio
        self._rate = sample_rate
        self._container: Any = av.open(
            str(path.resolve()), "w", format="mp4", options={"movflags": "use_metadata_tags"}
        )
        self._container.metadata.update(metadata or {})
        # One encoder thread: x264 splits work by thread count, and bytes would follow it.
        options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        self._video = self._container.add_stream("libx264", rate=fps, options=options)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        self._sound = None
        if audio is not None:
            self._sound = self._container.add_stream("aac", rate=sample_rate, layout="mono")
            self._sound.bit_rate = 64_000

    def __enter__(self) -> VideoWriter:
        return self

    def add(self, frame: Image) -> None:
        """Append one (H, W, 3) uint8 RGB frame."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        self._container.mux(self._video.encode(picture))

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._container.mux(self._video.encode())
                self._write_audio()
        finally:
            self._container.close()

    def _write_audio(self) -> None:
        if self._sound is None or self._audio is None:
            return
        samples = (np.clip(self._audio, -1, 1) * 32767).astype(np.int16)
        for start in range(0, len(samples), 1024):
            block = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="s16", layout="mono")
            block.sample_rate, block.pts, block.time_base = self._rate, start, fractions.Fraction(1, self._rate)
            self._container.mux(self._sound.encode(block))
        self._container.mux(self._sound.encode())


def write_video(path: Path, frames: Iterable[Image], audio: Waveform | None = None, crf: int = 18) -> int:
    """Write frames (all of one even size) and return their number."""
    count = 0
    writer: VideoWriter | None = None
    try:
        for frame in frames:
            if writer is None:
                writer = VideoWriter(path, frame.shape[1], frame.shape[0], audio, crf=crf)
            writer.add(frame)
            count += 1
    finally:
        if writer is not None:
            writer.__exit__(None, None, None)
    return count


def write_wav(path: Path, audio: Waveform, sample_rate: int = SAMPLE_RATE) -> None:
    """Mono 16-bit PCM."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, sample_rate, subtype="PCM_16")
