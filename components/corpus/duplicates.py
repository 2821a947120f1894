"""Copies of one file among a source's clips: they would be in two splits, or count twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from components.corpus.readers.reader import Rejection, SourceClip


def set_copies_aside(clips: Sequence[SourceClip]) -> tuple[list[SourceClip], list[Rejection]]:
    """The first of each set of equal files, and the others with the name of the one they copy.

    Only files of equal size are read, so a large collection is not.
    """
    sizes = [_size(clip.path) for clip in clips]
    shared = Counter(sizes)
    first: dict[str, SourceClip] = {}
    originals: list[SourceClip] = []
    copies: list[Rejection] = []
    for clip, size in zip(clips, sizes, strict=True):
        # Empty and unreadable files have a better reason than being alike.
        original = first.setdefault(_digest(clip), clip) if size > 0 and shared[size] > 1 else clip
        if original is clip:
            originals.append(clip)
        else:
            copies.append(Rejection(clip.file, f"a copy of {original.file}"))
    return originals, copies


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _digest(clip: SourceClip) -> str:
    """Of the picture and of a separate sound."""
    digests = []
    for path in (clip.path, clip.audio):
        if path is None:
            continue
        try:
            with path.open("rb") as stream:
                digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError:
            digests.append(str(path))  # unreadable: equal to nothing; preparing it will say why
    return " ".join(digests)
