"""The list that DVC watches in the place of the footage: it changes when the footage does, and nothing can stop it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from components.common.artifacts import read_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.corpus import listing
from components.corpus.listing import KNOWN, list_footage, write_listing
from tests.components.corpus.readers.test_tree import special_files


def bytes_of(root: Path) -> bytes:
    write_listing(Layout(root), "folder", "footage")
    return Layout(root).footage.read_bytes()


def settle(path: Path) -> None:
    """As if it had been written a minute ago."""
    os.utime(path, (time.time() - 60, time.time() - 60))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "footage" / "deep").mkdir(parents=True)
    for name in ("a.mp4", "deep/b.mov", "labels.csv"):
        (tmp_path / "footage" / name).write_text(name)
        settle(tmp_path / "footage" / name)
    return tmp_path


def test_it_follows_what_the_footage_holds(root: Path) -> None:
    first = bytes_of(root)
    assert bytes_of(root) == first
    assert set(read_json(Layout(root).footage)["files"]) == {"a.mp4", "deep/b.mov", "labels.csv"}
    video = root / "footage" / "a.mp4"
    video.write_text("A.mp4")  # as long as before
    changed = bytes_of(root)
    assert changed != first
    video.write_text("a.mp4")
    assert bytes_of(root) == first
    os.mkfifo(root / "footage" / "c.mp4")
    assert bytes_of(root) not in (first, changed)


def test_it_is_the_same_on_another_machine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (root / "footage").rename(other / "footage")
    expected = bytes_of(other)
    (other / "footage").rename(root / "footage")
    assert bytes_of(root) == expected


def test_a_known_file_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bytes_of(root)
    read: list[str] = []
    digest = listing.hashlib.file_digest

    def counted(stream: object, name: str) -> object:
        read.append(name)
        return digest(stream, name)  # type: ignore[arg-type]

    monkeypatch.setattr(listing.hashlib, "file_digest", counted)
    assert bytes_of(root) == first
    assert read == []
    (root / KNOWN).write_text("[")  # and a broken note of what is known costs a reading, no more
    assert bytes_of(root) == first
    assert len(read) == 3


def test_a_file_of_this_moment_is_read_again(root: Path) -> None:
    """It may change twice within a tick of the file system's clock."""
    video = root / "footage" / "a.mp4"
    video.write_text("1")
    first = bytes_of(root)
    state = video.stat()
    video.write_text("2")
    os.utime(video, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert bytes_of(root) != first


def test_nothing_in_a_folder_can_stop_it(root: Path) -> None:
    expected = special_files(root / "footage")
    (root / "footage" / os.fsdecode(b"caf\xe9.mp4")).write_text("x")
    (root / "footage" / ("a" * 251 + ".mp4")).write_text("x")
    (root / "footage" / "kernel.mp4").symlink_to("/proc/kmsg")
    found, _ = list_footage(root / "footage", {})
    assert {name: found["problems"][name] for name in expected} == expected
    assert "caf\udce9.mp4" in found["files"]
    bytes_of(root)


def test_the_embedded_corpus_has_no_footage(tmp_path: Path) -> None:
    write_listing(Layout(tmp_path), "synthetic", "absent")
    assert read_json(Layout(tmp_path).footage) == {"source": "synthetic"}


def test_no_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"prepare\.path: .*footage is not a folder"):
        write_listing(Layout(tmp_path), "folder", "footage")
