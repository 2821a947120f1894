"""MEAD's layout: labels from the path, sound and true motion where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.errors import UserError
from components.corpus.readers.mead import MeadReader
from tests.components.corpus.readers.footage_tree import listed, touch


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


def test_empty_and_missing_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="below"):
        list(MeadReader(tmp_path))
    with pytest.raises(UserError, match="not a folder"):
        MeadReader(tmp_path / "none")


def test_a_folder_above_or_below_the_person_names_the_file_by_its_path(tmp_path: Path) -> None:
    touch(tmp_path, "M003/video/front/sad/level_3/001.mp4")
    above, _ = listed(MeadReader(tmp_path))
    below, _ = listed(MeadReader(tmp_path / "M003"))
    assert list(above) == ["M003/video/front/sad/level_3/001.mp4"]
    assert list(below) == ["video/front/sad/level_3/001.mp4"]
    assert {clip.identity for clip in (*above.values(), *below.values())} == {"M003"}
