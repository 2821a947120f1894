"""Video out: H.264 + AAC mp4. Equal input gives equal bytes; a failed write leaves no file."""

from __future__ import annotations

import fractions
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from components.common.artifacts import FPS, SAMPLE_RATE, atomic
from components.common.errors import UserError
from components.common.media.containers import Image, Waveform

QUALITY = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
CRF = 18  # x264's constant quality: looks like the source; +6 halves the size
AUDIO_BLOCK = 1024  # samples of one AAC frame
AUDIO_BIT_RATE = 64_000  # bits a second, ample for mono speech
FULL_SCALE = np.iinfo(np.int16).max


class VideoWriter:
    """Stream frames and a whole waveform into an H.264 + AAC mp4; memory does not grow with the length.

    The sound is cut or padded with silence to the exact length of the picture. Colors are BT.709 and tagged so.

    Example: ``with VideoWriter(path, 256, 256, audio=wave) as video: video.add(frame)``

    Args:
        width, height: pixels, both even.
        audio: (samples,) mono in [-1, 1] at `sample_rate`, or None for a silent file without an audio stream.
        crf: x264's constant quality, see `CRF`.
        metadata: tags of the file (ffprobe shows them), such as provenance.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        audio: Waveform | None = None,
        fps: int = FPS,
        crf: int = CRF,
        sample_rate: int = SAMPLE_RATE,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        if width % 2 or height % 2:
            raise ValueError(f"H.264 wants an even width and height, not {width}x{height}")
        self._path, self._audio, self._metadata = path, audio, dict(metadata or {})
        self._size, self._fps, self._crf, self._rate = (height, width), fps, crf, sample_rate
        self._stack = ExitStack()
        self.frames = 0

    def __enter__(self) -> VideoWriter:
        with ExitStack() as stack:
            temporary = stack.enter_context(atomic(self._path))
            # faststart puts the index first, so that a browser plays while it loads.
            options = {"movflags": "use_metadata_tags+faststart"}
            self._container: Any = av.open(str(temporary.resolve()), "w", format="mp4", options=options)
            stack.callback(self._container.close)
            self._container.metadata.update(self._metadata)
            self._add_streams()
            self._stack = stack.pop_all()
        return self

    def _add_streams(self) -> None:
        # One encoder thread: x264 splits work by thread count, and bytes would follow it. No macroblock tree: with
        # AVX-512 its look-ahead reads memory that nobody wrote, and equal input gives other bytes on most runs.
        options = {"crf": str(self._crf), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
        self._video_stream = self._container.add_stream("libx264", rate=self._fps, options=options)
        self._video_stream.height, self._video_stream.width = self._size
        self._video_stream.pix_fmt = "yuv420p"
        context = self._video_stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._audio_stream = None
        if self._audio is not None:
            self._audio_stream = self._container.add_stream("aac", rate=self._rate, layout="mono")
            self._audio_stream.bit_rate = AUDIO_BIT_RATE
        self._samples_written = 0

    def add(self, frame: Image) -> None:
        """Append one (H, W, 3) uint8 RGB frame of the size given."""
        if frame.shape != (*self._size, 3) or frame.dtype != np.uint8:
            raise ValueError(f"frames must be {self._size} RGB uint8, not {frame.shape} {frame.dtype}")
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=QUALITY,
            threads=1,
        )
        picture.pts, picture.time_base = self.frames, fractions.Fraction(1, self._fps)
        self._container.mux(self._video_stream.encode(picture))
        self.frames += 1
        # Sound goes in beside its pictures: players need not read the file twice.
        self._write_audio(until=self.frames * self._rate // self._fps // AUDIO_BLOCK * AUDIO_BLOCK)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._stack:  # closes the file, and renames it only if nothing was raised
            if error is not None:
                raise error
            if not self.frames:
                raise UserError(f"{self._path.name}: no frame to write")
            self._write_audio(until=round(self.frames * self._rate / self._fps))
            self._container.mux(self._video_stream.encode())
            if self._audio_stream is not None:
                self._container.mux(self._audio_stream.encode())

    def _write_audio(self, until: int) -> None:
        """Encode samples up to `until`, silence where the waveform has ended."""
        if self._audio_stream is None or self._audio is None:
            return
        for start in range(self._samples_written, until, AUDIO_BLOCK):
            stop = min(start + AUDIO_BLOCK, until)
            part = np.zeros(stop - start, np.float32)
            speech = self._audio[start:stop]
            part[: len(speech)] = speech
            samples = (np.clip(np.nan_to_num(part), -1, 1) * FULL_SCALE).astype(np.int16)
            block = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            block.sample_rate, block.pts, block.time_base = self._rate, start, fractions.Fraction(1, self._rate)
            self._container.mux(self._audio_stream.encode(block))
        self._samples_written = max(self._samples_written, until)


def write_video(path: Path, frames: Iterable[Image], audio: Waveform | None = None, crf: int = CRF) -> int:
    """Write frames (all of one even size, at least one) and return their number."""
    with ExitStack() as stack:
        writer: VideoWriter | None = None
        for frame in frames:
            if writer is None:
                writer = stack.enter_context(VideoWriter(path, frame.shape[1], frame.shape[0], audio, crf=crf))
            writer.add(frame)
    return writer.frames if writer is not None else 0
