"""Streaming frames out of a video, each with its time, and telling afterwards whether the file was whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.stream import Disposition
from av.video.reformatter import Colorspace, Interpolation

from components.common.errors import UserError, translated
from components.common.media.containers import Image, open_media
from components.common.media.limits import MAX_FRAME_PIXELS, MAX_SIDE, MAX_VIDEO_PIXELS

UNTAGGED = 2  # AVCOL_SPC_UNSPECIFIED
HD_HEIGHT = 720  # untagged pictures from here on are BT.709 by custom; smaller ones BT.601, FFmpeg's default
OBLONG = 0.01  # pixels whose sides differ by more than this share are made square
QUALITY = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame and its time in seconds on the container's clock. Only `image` pays for the conversion."""

    seconds: float
    pixel_aspect: float  # width of a pixel over its height; camcorder and DVD footage has oblong ones
    _frame: Any

    @translated("a frame of the video cannot be read")
    def image(self) -> Image:
        """(H, W, 3) RGB, upright (rotation metadata applied), with square pixels."""
        frame = self._frame
        hd = frame.colorspace == UNTAGGED and frame.height >= HD_HEIGHT
        colors = Colorspace.ITU709 if hd else None
        # One thread: scaler threads cost more than they bring at these sizes.
        converted = frame.reformat(format="rgb24", src_colorspace=colors, interpolation=QUALITY, threads=1)
        pixels = converted.to_ndarray()
        if abs(self.pixel_aspect - 1) > OBLONG:
            width = max(1, round(frame.width * self.pixel_aspect))
            _check_size(width, frame.height)
            pixels = cv2.resize(pixels, (width, frame.height), interpolation=cv2.INTER_AREA)
        turns = round(frame.rotation / 90) % 4  # counter-clockwise quarter turns
        return np.ascontiguousarray(np.rot90(pixels, turns))


class VideoReader:
    """Streams a video's frames in order of time; memory does not grow with its length.

    Example: ``with VideoReader(path) as video: images = [frame.image() for frame in video]``

    declared: compressed frames in the container's index (0 where it has none); `missing` of them lie beyond the end of
    the file, which then was cut off. After a full pass: `decoded` frames came out, `damaged` did not, or not clean.
    pixels: decoded so far.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self.declared = self.missing = self.decoded = self.damaged = self.pixels = 0
        self.end = 0.0  # seconds, where the last packet of any stream ends
        self.duration = 0.0  # seconds, as the container says; 0 where it does not

    def __enter__(self) -> VideoReader:
        with ExitStack() as stack:
            self._container = stack.enter_context(open_media(self._path))
            # Cover art of an audio file counts as a video stream in FFmpeg.
            streams = [s for s in self._container.streams.video if not s.disposition & Disposition.attached_pic]
            if not streams:
                raise UserError(f"{self._path} has no video stream")
            self._stream = streams[0]
            _check_size(self._stream.width, self._stream.height)
            # Frame threads lose time on small pictures.
            self._stream.thread_type = "NONE"
            # Containers that count their frames (mp4, mov, avi) index each of them; others only some.
            index = self._stream.index_entries if self._stream.frames else ()
            self.declared = len(index)
            file_size = self._path.stat().st_size  # bytes
            self.missing = sum(entry.pos + entry.size > file_size for entry in index)
            self.duration = (self._container.duration or 0) / av.time_base
            self._aspect = float(self._stream.sample_aspect_ratio or 1)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[TimedFrame]:
        with translated(f"{self._path} is damaged, or of a kind that cannot be read"):
            yield from self._frames()

    def _frames(self) -> Iterator[TimedFrame]:
        previous = -math.inf
        untimed = 0
        for frame in self._decode():
            _check_size(frame.width, frame.height)
            self.pixels += frame.width * frame.height
            if self.pixels > MAX_VIDEO_PIXELS:
                raise UserError(f"{self._path} is too much to decode; cut it, or make it smaller")
            self.decoded += 1
            self.damaged += bool(frame.is_corrupt)
            untimed += frame.pts is None
            if untimed not in (0, self.decoded):
                raise UserError(f"{self._path}: frame {self.decoded} has no timestamp, others have")
            seconds = self._untimed_seconds() if untimed else float(frame.pts * frame.time_base)
            if seconds < previous:
                if self.damaged:  # a broken frame takes others out of order with it
                    self.damaged += 1
                    continue
                raise UserError(f"{self._path}: the timestamps run backwards at frame {self.decoded}")
            previous = seconds
            yield TimedFrame(seconds, self._aspect, frame)

    def _decode(self) -> Iterator[Any]:
        try:
            for packet in self._container.demux():
                if packet.size and packet.pts is not None:
                    self.end = max(self.end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                if packet.stream.index != self._stream.index:
                    continue
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    self.damaged += 1
                    continue
                yield from frames
        except av.error.FFmpegError:
            self.damaged += 1  # the container breaks off

    def _untimed_seconds(self) -> float:
        """A stream without any timestamps (raw H.264, some AVI) has one frame rate by definition."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        if not rate:
            raise UserError(f"{self._path}: the frames have no timestamps and the file names no frame rate")
        return (self.decoded - 1) / float(rate)


def _check_size(width: int, height: int) -> None:
    """Refuse what is too large, before it is decoded or, where a stream changes its size midway, converted."""
    if width * height > MAX_FRAME_PIXELS or max(width, height) > MAX_SIDE:
        raise UserError(f"frames of {width}x{height} pixels are too large; up to 4K (4096x2304) can be read")


def read_frames(path: Path) -> Iterator[Image]:
    """The frames of a video in order, RGB, upright, one at a time. The file's own frame rate."""
    with VideoReader(path) as video:
        for frame in video:
            yield frame.image()
