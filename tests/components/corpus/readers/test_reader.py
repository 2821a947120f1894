"""What every reader promises: the same clips in the same order, each named once, nothing opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.corpus.readers.folder import FolderReader
from components.corpus.readers.mead import MeadReader
from components.corpus.readers.reader import Reader, SourceClip
from tests.components.corpus.readers.footage_tree import touch

NAMES = ("b/video/front/sad/level_2/2.mp4", "a/video/front/happy/level_1/1.mp4", "b/video/front/sad/level_9/3.mp4")


@pytest.mark.parametrize("kind", [MeadReader, FolderReader])
def test_readers_list_files_once_in_a_fixed_order(tmp_path: Path, kind: type[Reader]) -> None:
    touch(tmp_path / "one", *NAMES)
    touch(tmp_path / "two", *reversed(NAMES))
    first, second = (list(kind(tmp_path / name)) for name in ("one", "two"))  # type: ignore[call-arg]
    assert [item.file for item in first] == [item.file for item in second] == sorted(NAMES)
    for item in first:
        assert not isinstance(item, SourceClip) or item.path == tmp_path / "one" / item.file


def test_a_clip_without_labels_is_unlabeled() -> None:
    clip = SourceClip(Path("a.mp4"), "a.mp4", "anna")
    assert (clip.emotion, clip.intensity, clip.audio, clip.truth) == ("", 0, None, None)
