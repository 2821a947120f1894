"""Trees of files that only have names, and what a reader says about them."""

from __future__ import annotations

from pathlib import Path

from components.corpus.readers.reader import Reader, Rejection, SourceClip


def touch(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"x")
    return root


def listed(reader: Reader) -> tuple[dict[str, SourceClip], dict[str, str]]:
    items = list(reader)
    clips = {item.file: item for item in items if isinstance(item, SourceClip)}
    return clips, {item.file: item.reason for item in items if isinstance(item, Rejection)}
