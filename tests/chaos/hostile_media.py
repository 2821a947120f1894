"""Media at the edge of what their formats allow: each is well-formed enough for a decoder to start on it."""

from __future__ import annotations

import fractions
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import PIL.Image
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3)
ORIENTATION = 0x0112


def honest_picture(path: Path, face: Pixels) -> Path:
    """A face, as a camera that was held sideways stores it."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "maker"
    PIL.Image.fromarray(np.rot90(face)).save(path, exif=exif)
    return path


def honest_sound(path: Path) -> Path:
    import soundfile

    soundfile.write(path, 0.3 * np.sin(np.arange(12_000) / 9), 16_000)
    return path


def honest_video(path: Path, face: Pixels) -> Path:
    video(path, [np.roll(face, shift, 1) for shift in range(25)], sound=True)
    return path


def video(
    path: Path,
    frames: list[Pixels],
    codec: str = "libx264",
    form: str = "mp4",
    times: list[int] | None = None,
    base: int = 25,
    sound: bool = False,
) -> None:
    """times: of the frames, in units of 1 / base seconds."""
    height, width = frames[0].shape[:2]
    with av.open(str(path.with_name("video.tmp")), "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = fractions.Fraction(1, base)
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "bf": "0"}
        voice = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = (times or range(len(frames)))[index], fractions.Fraction(1, base)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
        if voice is not None:
            hum = (3000 * np.sin(np.arange(round(len(frames) / 25 * 16_000)) / 9)).astype(np.int16)
            block = av.AudioFrame.from_ndarray(hum[None], format="s16", layout="mono")
            block.sample_rate, block.pts = 16_000, 0
            container.mux(voice.encode(block))
            container.mux(voice.encode())
    path.with_name("video.tmp").rename(path)


def png(path: Path, width: int, height: int, color: int = 2, depth: int = 8, extra: bytes = b"") -> None:
    """An all-black PNG of any size in a few kilobytes. color: 0 gray, 2 RGB, 3 palette, 4 gray + alpha, 6 RGBA."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(1)
    with path.open("wb") as stream:
        stream.write(b"\x89PNG\r\n\x1a\n")
        _chunk(stream, b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
        stream.write(extra)
        if color == 3:
            _chunk(stream, b"PLTE", bytes(768))
        _chunk(stream, b"IDAT", b"".join(packer.compress(row) for _ in range(height)) + packer.flush())
        _chunk(stream, b"IEND", b"")


def _chunk(stream: io.IOBase | io.BufferedWriter, name: bytes, data: bytes) -> None:
    stream.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))


def _large_picture(path: Path, rng: np.random.Generator) -> None:
    color, depth = [(0, 8), (0, 16), (2, 8), (2, 16), (3, 8), (4, 8), (6, 8), (6, 16), (0, 1)][rng.integers(9)]
    side = int(rng.integers(4000, 8000))
    png(path, side, side, color, depth)


def _huge_picture(path: Path, rng: np.random.Generator) -> None:
    width, height = [(30_000, 30_000), (2**31 - 1, 1), (1, 2_000_000), (60_000, 200)][rng.integers(4)]
    png(path, min(width, 100_000), height if width * height < 64_000_000 else 2, 0)
    if width * height >= 64_000_000:  # the header lies
        data = bytearray(path.read_bytes())
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
        path.write_bytes(data)


def _small_picture(path: Path, rng: np.random.Generator) -> None:
    width, height = rng.integers(1, 4, 2)
    png(path, int(width), int(height), int(rng.choice([0, 2, 3, 4, 6])))


def _odd_tags(path: Path, rng: np.random.Generator) -> None:
    """EXIF whose values have other types than their tags, on a turned picture."""
    entries = []
    for tag in (ORIENTATION, 0x011A, 0x8769, 0x8825, 0x9286, 0x0131):
        kind = int(rng.choice([0, 1, 2, 3, 4, 5, 7, 9, 10, 12, 13, 255]))
        count = int(rng.choice([0, 1, 2, 3, 1000, 2**31]))
        entries.append(struct.pack("<HHII", tag, kind, count, int(rng.integers(0, 300))))
    if rng.random() < 0.5:
        entries[0] = struct.pack("<HHIHH", ORIENTATION, 3, 1, int(rng.integers(0, 12)), 0)
    tags = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4) + rng.bytes(200)
    PIL.Image.new("RGB", (90, 60), (200, 150, 120)).save(path, "JPEG", exif=tags)


def _animation(path: Path, rng: np.random.Generator) -> None:
    frames = [PIL.Image.new("P", (80, 80), int(i)) for i in range(int(rng.integers(2, 100)))]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=int(rng.choice([0, 10, 600])))


def _odd_modes(path: Path, rng: np.random.Generator) -> None:
    mode, form = [("CMYK", "TIFF"), ("F", "TIFF"), ("I;16", "TIFF"), ("LAB", "TIFF"), ("1", "TIFF"), ("CMYK", "JPEG")][
        rng.integers(6)
    ]
    PIL.Image.new(mode, (64, 64)).save(path, form)


def _odd_sound(path: Path, rng: np.random.Generator) -> None:
    import soundfile

    rate, channels, count, kind = [
        (16_000, 1, 1, "PCM_16"),
        (384_000, 1, 400_000, "FLOAT"),
        (8_000, 64, 8_000, "PCM_16"),
        (1, 1, 100, "PCM_16"),
        (44_100, 2, 44_100, "FLOAT"),
        (655_350, 1, 10_000, "DOUBLE"),
    ][rng.integers(6)]
    samples = rng.normal(0, 0.1, (count, channels))
    if kind == "FLOAT":
        samples[rng.integers(count)] = rng.choice([np.nan, np.inf, 1e38])
    soundfile.write(path, samples, rate, kind, format="WAV")


def _long_sound(path: Path, rng: np.random.Generator) -> None:
    """Hours of silence in a few kilobytes to megabytes."""
    import soundfile

    form = str(rng.choice(["FLAC", "OGG"]))
    hours = 0.6 if form == "FLAC" else 0.2
    with soundfile.SoundFile(path, "w", 16_000, 1, format=form) as stream:
        block = np.zeros(160_000, np.float32)
        for _ in range(int(hours * 360)):
            stream.write(block)


def _large_video(path: Path, rng: np.random.Generator) -> None:
    width, height = [(7600, 7600), (4096, 2304), (3840, 2160), (16_000, 64), (64, 8000), (5000, 5000)][rng.integers(6)]
    codec = "mpeg4" if max(width, height) < 8192 else "libx264"
    video(path, [np.zeros((height, width, 3), np.uint8)] * 2, codec, "avi")


def _many_frames(path: Path, rng: np.random.Generator) -> None:
    """Thousands of frames within a moment, or one after another at the ends of time."""
    count = int(rng.choice([30, 1500]))
    step = int(rng.choice([1, 90_000 * 86_400]))
    times = [index * step for index in range(count)]
    video(path, [np.zeros((16, 16, 3), np.uint8)] * count, "libx264", "matroska", times, base=90_000)


def _many_streams(path: Path, rng: np.random.Generator) -> None:
    with av.open(str(path.with_name("streams.tmp")), "w", format="matroska") as container:
        count = int(rng.integers(2, 120))
        streams = [container.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(count)]
        for stream in streams:
            block = av.AudioFrame.from_ndarray(np.zeros((1, 80), np.int16), format="s16", layout="mono")
            block.sample_rate, block.pts = 8000, 0
            container.mux(stream.encode(block))
    path.with_name("streams.tmp").rename(path)


def _faceless(path: Path, rng: np.random.Generator) -> None:
    """Nobody, for a while, with sound: all that a scan may look for is looked for."""
    size = int(rng.choice([160, 480, 720]))
    still = rng.integers(0, 255, (size // 16, size // 16, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    video(path, [still] * int(rng.integers(20, 80)), sound=True)


CRAFTED: dict[str, Callable[[Path, np.random.Generator], None]] = {
    "large picture": _large_picture,
    "huge picture": _huge_picture,
    "small picture": _small_picture,
    "odd tags": _odd_tags,
    "animation": _animation,
    "odd modes": _odd_modes,
    "odd sound": _odd_sound,
    "long sound": _long_sound,
    "large video": _large_video,
    "many frames": _many_frames,
    "many streams": _many_streams,
    "faceless": _faceless,
}
