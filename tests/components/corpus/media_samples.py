"""Small media files, whole and hostile, made on the spot with PyAV."""

from __future__ import annotations

import fractions
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

MEDIA = Path(__file__).parents[4] / "shared" / "media"


def need_media(*names: str) -> Path:
    """Path of a real sample; skips the test where the samples are not there."""
    path = MEDIA.joinpath(*names)
    if not path.exists():
        pytest.skip(f"real media are not there: {path}")
    return path


def tone(seconds: float, rate: int = 16_000, channels: int = 1, hertz: float = 220.0) -> NDArray[np.float32]:
    """(channels, samples) sine at half level."""
    t = np.arange(round(seconds * rate)) / rate
    return np.tile(0.5 * np.sin(2 * np.pi * hertz * t), (channels, 1)).astype(np.float32)


def encode(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    fps: int = 25,
    codec: str = "libx264",
    audio: NDArray[np.float32] | None = None,
    rate: int = 16_000,
    audio_codec: str = "aac",
    times: Sequence[float] | None = None,
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Any container and codec. times: seconds of each frame (None: even). audio: (channels, samples)."""
    layouts = {1: "mono", 2: "stereo", 6: "5.1"}
    with av.open(str(path), "w", options=options or {}) as container:
        video = sound = None
        clock = fractions.Fraction(1, 1000 if times is not None else fps)
        for i, frame in enumerate(frames):
            if video is None:
                video = container.add_stream(codec, rate=fps)
                video.height, video.width = frame.shape[:2]
                video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                if times is not None:
                    video.codec_context.time_base = clock
                if rotation:
                    video.set_display_rotation(rotation)
                if audio is not None:
                    sound = container.add_stream(audio_codec, rate=rate, layout=layouts[len(audio)])
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts = round(times[i] * 1000) if times is not None else i
            picture.time_base = clock
            container.mux(video.encode(picture))
        if video is not None:
            container.mux(video.encode())
        if sound is not None and audio is not None:
            block = av.AudioFrame.from_ndarray(audio, format="fltp", layout=layouts[len(audio)])
            block.sample_rate, block.pts = rate, 0
            container.mux(sound.encode(block))
            container.mux(sound.encode())
    return path


def cut(path: Path, whole: Path, share: float) -> Path:
    """The first part of a file's bytes."""
    data = whole.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def scenery(count: int, height: int = 96, width: int = 96) -> list[NDArray[np.uint8]]:
    """Moving smooth colors without a face."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    frames = []
    for i in range(count):
        wave = np.stack([np.sin(6 * x + i / 9), np.cos(5 * y - i / 7), np.sin(4 * (x + y))], axis=-1)
        frames.append((127 + 90 * wave).astype(np.uint8))
    return frames
