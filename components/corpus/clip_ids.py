"""Names that are safe everywhere, from names that may hold anything."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from components.corpus.readers.reader import SourceClip

LONGEST = 64  # characters of an id before its fingerprint
NOISE = frozenset({"video", "front"})  # parts of MEAD's paths that all clips share


def printable(text: str) -> str:
    """Text for tables and messages: one line, valid UTF-8; other characters as escapes (``\\n``, ``\\udcff``)."""
    letters = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(letters)


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and single underscores; "" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def clip_ids(clips: Sequence[SourceClip]) -> list[str]:
    """A unique file-safe id for each clip, from its path: ``M003/video/front/happy/level_1/005.mp4`` is
    ``m003_happy_level_1_005``. Names that lose letters, and names that collide, get a fingerprint of the path."""
    plain = [_plain(clip.file) for clip in clips]
    shared = Counter(name for name, _ in plain)
    return [
        name if exact and shared[name] == 1 else f"{name or 'clip'}_{_fingerprint(clip.file)}"
        for clip, (name, exact) in zip(clips, plain, strict=True)
    ]


def _plain(file: str) -> tuple[str, bool]:
    """Slug of a path without suffix, and whether nothing was lost but case and separators."""
    path = PurePosixPath(file)
    text = "_".join(part for part in path.with_suffix("").parts if part not in NOISE)
    name = slug(text)
    exact = re.fullmatch(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*", text) is not None and len(name) <= LONGEST
    return name[:LONGEST].strip("_"), exact


def _fingerprint(file: str) -> str:
    return hashlib.sha256(file.encode("utf-8", "surrogateescape")).hexdigest()[:8]
