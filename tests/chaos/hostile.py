"""Hostile files, drawn from a seed: what a folder of footage or a command may get from anybody.

Crafted files at the edge of what a format allows (`hostile_media.py`), honest ones with broken bytes, and things that
are no files at all, under names of any kind.
"""

from __future__ import annotations

import os
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.chaos.hostile_media import CRAFTED, Pixels, honest_picture, honest_sound, honest_video

PICTURES = (".png", ".jpg", ".webp", ".gif", ".tif", ".bmp", ".avif")
SOUNDS = (".wav", ".m4a", ".mp3", ".flac", ".ogg")
VIDEOS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".ts", ".gif")
NAMES = (
    "two\nlines", "tab\tand  spaces ", "-rf", "ümläut 表情 🙂", "%s{0}$(x)`y`", "'\"", "a" * 246, "é" * 123,
    "[bold]red[b]", "\u202etxt", "C:\\x", "..a",
)  # fmt: skip
NOT_UTF_8 = b"caf\xe9 \xff"

Maker = Callable[[Path, np.random.Generator], None]


@dataclass(frozen=True)
class Honest:
    """Bytes of files with nothing wrong, to break."""

    picture: bytes
    sound: bytes
    video: bytes

    @classmethod
    def make(cls, folder: Path, face: Pixels) -> Honest:
        """Of a rendered head; written to `folder` as `a.jpg`, `a.wav` and `a.mp4`, and read again."""
        folder.mkdir(parents=True, exist_ok=True)
        made = (
            honest_picture(folder / "a.jpg", face),
            honest_sound(folder / "a.wav"),
            honest_video(folder / "a.mp4", face),
        )
        return cls(*(path.read_bytes() for path in made))


def hostile(folder: Path, seed: int, honest: Honest, suffixes: tuple[str, ...] = VIDEOS) -> Path:
    """Make the file of this seed in `folder`, which exists; returns its path. The same seed makes the same file."""
    rng = np.random.default_rng([seed, 7])
    path = folder / _name(rng, seed, suffixes)
    makers = (_broken, _broken, _crafted, _crafted, _no_media, _no_file)
    maker = makers[seed % len(makers)]
    if maker is _broken:
        _broken(path, rng, honest)
    else:
        maker(path, rng)  # type: ignore[operator]
    return path


def kind(seed: int) -> str:
    """What the file of this seed is, in a word."""
    return ("broken", "broken", "crafted", "crafted", "no media", "no file")[seed % 6]


def _name(rng: np.random.Generator, seed: int, suffixes: tuple[str, ...]) -> str:
    suffix = suffixes[rng.integers(len(suffixes))]
    if rng.random() < 0.7:
        return f"{seed:04d}{suffix}"
    if rng.random() < 0.2:
        return f"{seed:04d}{os.fsdecode(NOT_UTF_8)}{suffix}"
    stem = f"{NAMES[rng.integers(len(NAMES))]}{seed}"
    while len(os.fsencode(stem + suffix)) > 255:  # the longest name of a file
        stem = stem[1:]
    return stem + suffix


def _broken(path: Path, rng: np.random.Generator, honest: Honest) -> None:
    """An honest file cut off, with bits flipped, spliced with another, stuffed, or under the wrong name."""
    files = (honest.picture, honest.sound, honest.video)
    data = bytearray(files[rng.integers(len(files))])
    how = int(rng.integers(6))
    if how == 0:
        data = data[: int(rng.integers(len(data)))]
    elif how == 1:
        for place in rng.integers(0, len(data), int(rng.integers(1, 200))):
            data[place] ^= 1 << int(rng.integers(8))
    elif how == 2:  # headers are where sizes and counts stand
        for place in rng.integers(0, min(512, len(data)), int(rng.integers(1, 12))):
            data[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.integers(256)]))
    elif how == 3:
        other = files[rng.integers(len(files))]
        at = int(rng.integers(len(data)))
        data = data[:at] + other[int(rng.integers(len(other))) :]
    elif how == 4:
        at = int(rng.integers(len(data)))
        data[at:at] = rng.integers(0, 256, int(rng.integers(1, 5000)), np.uint8).tobytes()
    path.write_bytes(data)  # else as it is, under a name that need not fit


def _crafted(path: Path, rng: np.random.Generator) -> None:
    makers = list(CRAFTED.values())
    makers[rng.integers(len(makers))](path, rng)


def _no_media(path: Path, rng: np.random.Generator) -> None:
    how = int(rng.integers(6))
    if how == 0:
        path.write_bytes(b"")
    elif how == 1:
        path.write_bytes(rng.integers(0, 256, int(rng.integers(1, 100_000)), np.uint8).tobytes())
    elif how == 2:
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\nfile:///etc/passwd\n")
    elif how == 3:
        path.write_bytes("ffconcat version 1.0\nfile '/dev/zero'\n".encode("utf-16"))
    elif how == 4:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.mp4", bytes(1_000_000))
    else:
        path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>")


def _no_file(path: Path, rng: np.random.Generator) -> None:
    how = int(rng.integers(10))
    if how == 0:
        os.mkfifo(path)
    elif how == 1:
        _socket(path)
    elif how == 2:
        path.symlink_to(path.name)
    elif how == 3:
        path.symlink_to("/nowhere/at/all")
    elif how == 4:
        path.symlink_to(str(rng.choice(["/dev/zero", "/dev/tty", "/dev/stdin", "/dev/random"])))
    elif how == 5:
        path.symlink_to("/proc/kmsg")  # a file, by its own account, that makes its readers wait
    elif how == 6:
        path.mkdir()
    elif how == 7:
        path.symlink_to("/proc/self")
    elif how == 8:
        path.write_bytes(b"unreadable")
        path.chmod(0)
    else:
        with path.open("wb") as stream:
            stream.truncate(1 << 40)  # a terabyte, of which nothing was written


def _socket(path: Path) -> None:
    here = os.getcwd()
    short = f"s{os.getpid()}"  # a socket's address has 108 bytes
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(short)
        os.rename(short, path.name)
    finally:
        os.chdir(here)
