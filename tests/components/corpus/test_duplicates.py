"""Copies: the first of equal files stays, and unreadable ones are left for a better reason."""

from __future__ import annotations

from pathlib import Path

from components.corpus.duplicates import set_copies_aside
from components.corpus.readers.reader import SourceClip


def clip(root: Path, name: str, content: bytes | None, sound: bytes | None = None) -> SourceClip:
    path, audio = root / name, (root / name).with_suffix(".wav")
    if content is not None:
        path.write_bytes(content)
    if sound is not None:
        audio.write_bytes(sound)
    return SourceClip(path, name, "someone", audio=None if sound is None else audio)


def test_the_first_of_equal_files_stays(tmp_path: Path) -> None:
    clips = [
        clip(tmp_path, name, content) for name, content in (("a", b"xx"), ("b", b"xy"), ("c", b"xx"), ("d", b"xx"))
    ]
    originals, copies = set_copies_aside(clips)
    assert [original.file for original in originals] == ["a", "b"]
    assert {copy.file: copy.reason for copy in copies} == {"c": "a copy of a", "d": "a copy of a"}


def test_another_sound_makes_another_clip(tmp_path: Path) -> None:
    clips = [
        clip(tmp_path, "a.mp4", b"xx", b"1"),
        clip(tmp_path, "b.mp4", b"xx", b"2"),
        clip(tmp_path, "c.mp4", b"xx", b"2"),
    ]
    originals, copies = set_copies_aside(clips)
    assert [original.file for original in originals] == ["a.mp4", "b.mp4"]
    assert [copy.reason for copy in copies] == ["a copy of b.mp4"]


def test_empty_and_missing_files_are_no_copies(tmp_path: Path) -> None:
    clips = [clip(tmp_path, "a", b""), clip(tmp_path, "b", b""), clip(tmp_path, "c", None), clip(tmp_path, "d", None)]
    originals, copies = set_copies_aside(clips)
    assert originals == clips
    assert copies == []
