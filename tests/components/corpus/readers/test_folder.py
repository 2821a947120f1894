"""A folder of anything: people by sub-folder or file, labels that may say otherwise."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.corpus.readers.folder import FolderReader, read_labels
from tests.components.corpus.readers.footage_tree import listed, touch
from tests.components.corpus.readers.test_tree import special_files


def test_a_folder_names_people_by_sub_folder_or_file(tmp_path: Path) -> None:
    root = touch(
        tmp_path, "anna/a 1.MOV", "anna/deep/b.mkv", "bert.mp4", "bert.wav", "notes.txt", ".hidden/x.mp4", ".y.mp4"
    )
    clips, rejected = listed(FolderReader(root))
    assert {file: clip.identity for file, clip in clips.items()} == {
        "anna/a 1.MOV": "anna",
        "anna/deep/b.mkv": "anna",
        "bert.mp4": "bert",
    }
    assert clips["bert.mp4"].audio == root / "bert.wav"
    assert {(clip.emotion, clip.intensity) for clip in clips.values()} == {("", 0)}
    assert rejected == {}


@pytest.mark.parametrize("name", ["a" * 251 + ".mp4", "é" * 125 + "a.mp4", "two\nlines.mp4", "caf\udce9.mp4"])
def test_a_name_of_any_kind_hides_no_other_footage(tmp_path: Path, name: str) -> None:
    root = touch(tmp_path, name, "bert.mp4", "bert.wav")
    clips, rejected = listed(FolderReader(root))
    assert set(clips) == {name, "bert.mp4"}
    assert clips[name].audio is None
    assert clips["bert.mp4"].audio == root / "bert.wav"
    assert rejected == {}


def test_what_is_no_file_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    root = touch(tmp_path, "good.mp4", "mute.mp4")
    expected = special_files(root)
    os.mkfifo(root / "mute.wav")
    clips, rejected = listed(FolderReader(root))
    assert set(clips) == {"good.mp4"}
    assert rejected == {**expected, "mute.mp4": "the audio file: a pipe, not a file"}
    os.mkfifo(root / "labels.csv")
    with pytest.raises(UserError, match=r"labels\.csv: a pipe"):
        listed(FolderReader(root))


def test_labels_override_and_wrong_ones_are_rejected(tmp_path: Path) -> None:
    root = touch(tmp_path, "a.mp4", "b.mp4", "c.mp4", "d.mp4")
    rows = [
        "file,identity,emotion,intensity",
        "a.mp4,Ännä,Anger,2",
        "b.mp4,,bored,1",
        "c.mp4,x,,3",
        "gone.mp4,,happy,1",
    ]
    (root / "labels.csv").write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")
    clips, rejected = listed(FolderReader(root))
    assert (clips["a.mp4"].identity, clips["a.mp4"].emotion, clips["a.mp4"].intensity) == ("Ännä", "angry", 2)
    assert list(clips) == ["a.mp4", "d.mp4"]
    assert "'bored'" in rejected["b.mp4"]
    assert "without an emotion" in rejected["c.mp4"]
    assert "no such video" in rejected["gone.mp4"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "first line"),
        (b"name,emotion\nx,happy\n", "first line"),
        (b"file,emotion,mood\nx,happy,\n", "first line"),
        (b"file\na.mp4\n./a.mp4\n", "twice"),
        (b"file\n\xff\xfe\x00\n", "UTF-8"),
    ],
)
def test_unreadable_labels_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(UserError, match=words):
        read_labels(tmp_path / "labels.csv")


def test_empty_and_missing_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="below"):
        list(FolderReader(tmp_path))
    with pytest.raises(UserError, match="not a folder"):
        FolderReader(tmp_path / "none")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_labels_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(b"file,emotion\n" + content)
        try:
            labels = read_labels(path)
        except UserError:
            return
    assert all(set(label) == {"file", "emotion"} for label in labels.values())


def test_the_message_names_the_columns_in_order(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("name\n")
    with pytest.raises(UserError, match="file, identity, emotion, intensity"):
        read_labels(tmp_path / "labels.csv")


def test_a_missing_labels_file_is_no_labels(tmp_path: Path) -> None:
    assert read_labels(tmp_path / "labels.csv") == {}
