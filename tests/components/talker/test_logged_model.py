"""The logged model: its folders are the talker's, its code is there, its request is the example's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.common.layout import Layout
from components.common.tracker import Column, NullTracker
from components.talker import example
from components.talker.logged_model import CODE, NAME, folders, log_talker
from components.talker.pipeline import MODEL_FOLDERS

ROOT = Path(__file__).parents[3]


class Recorder(NullTracker):
    """A tracker that remembers the model."""

    def log_model(
        self,
        name: str,
        folders: Mapping[str, Path],
        code: Path,
        columns: Sequence[Column] = (),
        example: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = (name, dict(folders), code, list(columns), example)


def test_folders_are_those_that_the_talker_takes(tmp_path: Path) -> None:
    assert folders(Layout(tmp_path)) == {name: tmp_path / "models" / name for name in MODEL_FOLDERS}


def test_code_and_request(tmp_path: Path) -> None:
    tracker = Recorder()
    log_talker(tracker, Layout(tmp_path))
    assert tracker.model == (NAME, folders(Layout(tmp_path)), CODE, example.columns(), example.request())
    assert (ROOT / CODE).is_file()
