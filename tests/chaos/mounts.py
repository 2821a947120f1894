"""Disks that are small, full or read-only, for the time of a test."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

MEGABYTE = 1 << 20


class Mounts:
    """Mounts that are gone after the test."""

    def __init__(self) -> None:
        self.places: list[Path] = []

    def mount(self, place: Path, *arguments: str) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(place)], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
        self.places.append(place)
        return place

    def disk(self, place: Path, size: int) -> Path:
        """A disk of `size` bytes in memory."""
        return self.mount(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")

    def read_only(self, place: Path) -> None:
        """The folder as it is, but not writable, not even by root."""
        self.mount(place, "--bind", str(place))
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)

    def release(self, place: Path) -> None:
        subprocess.run(["umount", "-l", str(place)], check=True)
        self.places.remove(place)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all but `leave` bytes of a disk."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"\0" * 65536)
        except OSError:
            pass
    if leave:
        with path.open("r+b") as stream:
            stream.truncate(max(0, path.stat().st_size - leave))
    return path
