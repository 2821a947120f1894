"""What a reader is, and what it lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class SourceClip:
    """One clip of a source, before anything was opened.

    file: its path below the source's root, with slashes. audio: its separate sound file (None: inside the video).
    emotion: one of `EMOTIONS`, or "". intensity: 1-3, or 0. truth: true motion of a rendered clip.
    """

    path: Path
    file: str
    identity: str
    emotion: str = ""
    intensity: int = 0
    audio: Path | None = None
    truth: Path | None = None


@dataclass(frozen=True)
class Rejection:
    """An input that cannot be used: its path below the root, and why, in words."""

    file: str
    reason: str


class Reader(Protocol):
    """A source of footage. Iterating lists its clips, and what it had to refuse, in a fixed order."""

    root: Path

    def __iter__(self) -> Iterator[SourceClip | Rejection]: ...
