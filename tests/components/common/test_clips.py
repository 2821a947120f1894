"""Which clips a stage may use: the manifest, without what was rejected, with what was written about each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.common.artifacts import ANNOTATION_COLUMNS, MANIFEST_COLUMNS, write_json, write_table
from components.common.clips import UNREAD, Annotation, read_clips
from components.common.errors import UserError
from components.common.layout import Layout

SPLIT_OF = {"b_train": "train", "a_train": "train", "c_val": "val", "d_test": "test"}
REJECTED = "b_train"


def manifest_row(clip_id: str, split: str) -> dict[str, Any]:
    return {
        **{"clip_id": clip_id, "identity": clip_id[0], "emotion": "happy", "intensity": 2, "split": split},
        **{"fps": 25, "frames": 40, "sample_rate": 16_000, "sha256": "0", "source": "films/a.mp4"},
        **{"video": f"clips/{clip_id}.mp4", "audio": f"clips/{clip_id}.wav"},
    }


def annotation_row(clip_id: str) -> dict[str, Any]:
    return {
        **{"clip_id": clip_id, "emotion": "sad", "intensity": 3, "action_units": "{}"},
        **{"sentences": [f"{clip_id} weeps", "tears"], "writer": "grammar", "ranker": "sentence"},
    }


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Four clips; one was rejected, and so nothing was written about it."""
    layout = Layout(tmp_path)
    write_table(layout.manifest, [manifest_row(*row) for row in SPLIT_OF.items()], MANIFEST_COLUMNS)
    write_json(layout.rejected, {REJECTED: "no face"})
    accepted = [annotation_row(clip_id) for clip_id in SPLIT_OF if clip_id != REJECTED]
    write_table(layout.annotations, accepted, ANNOTATION_COLUMNS)
    return layout


def ids(layout: Layout, *arguments: Any, **settings: Any) -> list[str]:
    return [clip.clip_id for clip in read_clips(layout, *arguments, **settings)]


def test_rejected_clips_are_left_out_and_the_order_is_the_manifests(layout: Layout) -> None:
    assert ids(layout) == ["a_train", "c_val", "d_test"]
    assert ids(layout, accepted=False) == ["a_train", "b_train", "c_val", "d_test"]


def test_a_split_holds_its_own_clips_only(layout: Layout) -> None:
    assert ids(layout, "train") == ["a_train"]
    assert ids(layout, "train", accepted=False) == ["a_train", "b_train"]
    assert ids(layout, "val") == ["c_val"]
    assert ids(layout, "nowhere") == []


def test_a_clip_knows_its_files_and_its_label(layout: Layout) -> None:
    (clip,) = read_clips(layout, "val")
    assert clip.video == layout.prepared / "clips" / "c_val.mp4"
    assert clip.audio == layout.prepared / "clips" / "c_val.wav"
    assert clip.coefficients == layout.clip_coefficients("c_val")
    assert (clip.identity, clip.emotion, clip.intensity, clip.frames) == ("c", "happy", 2, 40)


def test_annotations_come_only_when_asked_for(layout: Layout) -> None:
    assert all(clip.annotation is UNREAD for clip in read_clips(layout))
    (clip,) = read_clips(layout, "val", annotated=True)
    assert clip.annotation == Annotation("sad", 3, ("c_val weeps", "tears"))
    assert clip.emotion == "happy"  # the footage's own label stays beside it


def test_a_clip_without_its_annotation_is_an_error(layout: Layout) -> None:
    write_table(layout.annotations, [annotation_row("a_train")], ANNOTATION_COLUMNS)
    assert ids(layout, "train", annotated=True) == ["a_train"]
    with pytest.raises(UserError, match="says nothing of clip c_val"):
        read_clips(layout, annotated=True)


@pytest.mark.parametrize("name", ["manifest", "rejected", "annotations"])
def test_a_missing_table_is_an_error_that_names_it(layout: Layout, name: str) -> None:
    path: Path = getattr(layout, name)
    path.unlink()
    with pytest.raises(UserError, match=path.name):
        read_clips(layout, annotated=True)


def test_stages_before_the_rejections_and_annotations_need_neither(layout: Layout) -> None:
    layout.rejected.unlink()
    layout.annotations.unlink()
    assert len(ids(layout, accepted=False)) == len(SPLIT_OF)
