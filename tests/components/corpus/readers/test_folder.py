from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.artifacts import EMOTIONS
from components.common.errors import UserError
from components.corpus.readers.folder import FolderReader, read_labels
from components.corpus.readers.labels import LabelError, emotion_name, intensity_level
from components.corpus.readers.mead import MeadReader
from components.corpus.readers.reader import Rejection, SourceClip


def touch(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"x")
    return root


def listed(reader: MeadReader | FolderReader) -> tuple[dict[str, SourceClip], dict[str, str]]:
    items = list(reader)
    clips = {item.file: item for item in items if isinstance(item, SourceClip)}
    return clips, {item.file: item.reason for item in items if isinstance(item, Rejection)}


def test_mead_layout(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "M003/video/front/happy/level_2/005.mp4",
        "M003/video/left_30/happy/level_2/005.mp4",
        "M003/audio/happy/level_2/005.m4a",
        "part 2/W009/video/front/neutral/level_1/001.mp4",
        "part 2/W009/video/front/neutral/level_1/001.safetensors",
        "part 2/W009/video/front/neutral/level_1/._001.mp4",
        "W011/video/front/bored/level_1/001.mp4",
        "W011/video/front/sad/level_9/001.mp4",
    )
    clips, rejected = listed(MeadReader(root))
    assert list(clips) == ["M003/video/front/happy/level_2/005.mp4", "part 2/W009/video/front/neutral/level_1/001.mp4"]
    happy, neutral = clips.values()
    assert (happy.identity, happy.emotion, happy.intensity) == ("M003", "happy", 2)
    assert happy.audio == root / "M003/audio/happy/level_2/005.m4a"
    assert happy.truth is None
    assert (neutral.identity, neutral.emotion, neutral.intensity, neutral.audio) == ("W009", "neutral", 1, None)
    assert neutral.truth == root / "part 2/W009/video/front/neutral/level_1/001.safetensors"
    assert "'bored' is none of neutral" in rejected["W011/video/front/bored/level_1/001.mp4"]
    assert "'level_9' is none of 1, 2, 3" in rejected["W011/video/front/sad/level_9/001.mp4"]


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


@pytest.mark.parametrize("reader", [MeadReader, FolderReader])
def test_empty_and_missing_sources_are_refused(tmp_path: Path, reader: type[MeadReader | FolderReader]) -> None:
    with pytest.raises(UserError, match="below"):
        list(reader(tmp_path))
    with pytest.raises(UserError, match="not a folder"):
        reader(tmp_path / "none")


@settings(max_examples=60, deadline=None)
@given(st.text("level_hapy 123.0-+einfä\n", max_size=12))
def test_any_label_is_understood_or_refused(word: str) -> None:
    for read, allowed in ((emotion_name, {*EMOTIONS, ""}), (intensity_level, {0, 1, 2, 3})):
        try:
            value: str | int = read(word)
        except LabelError:
            continue
        assert value in allowed


def test_label_spellings() -> None:
    assert [emotion_name(word) for word in (" Happy", "SURPRISE", "fearful", "disgust", "")] == [
        "happy",
        "surprised",
        "fear",
        "disgusted",
        "",
    ]
    assert [intensity_level(word) for word in ("2", "2.0", "level_3", "")] == [2, 2, 3, 0]
    for word in ("nan", "inf", "0", "2.5", "-1", "two"):
        with pytest.raises(LabelError):
            intensity_level(word)
