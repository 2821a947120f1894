"""Stage `prepare` leaves a whole folder or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from components.common.errors import StageError, UserError
from components.common.layout import Layout
from components.common.params import Params, Prepare, Runtime, TrainStyleA
from components.common.tracker import NullTracker
from components.corpus.stage import run
from components.runner.stage import Stage
from tests.components.corpus.media_samples import encode, tone


def stage(root: Path, **prepare: object) -> Stage:
    params = Params(  # type: ignore[arg-type]
        prepare=Prepare(size=64, **prepare), train_style_a=TrainStyleA(size=64), runtime=Runtime(workers=1)
    )
    return Stage(params, Layout(root))


def test_wrong_sources_are_refused(tmp_path: Path) -> None:
    (tmp_path / "footage").mkdir()  # below the project's root, wherever the command is given
    with pytest.raises(UserError, match=f"no MEAD clip below {tmp_path}/footage"):
        run(Stage(Params(prepare=Prepare(source="mead")), Layout(tmp_path)))
    with pytest.raises(UserError, match="not a folder"):
        run(stage(tmp_path, source="folder", path=str(tmp_path / "none")))
    assert not Layout(tmp_path).prepared.exists()


def test_a_failed_run_removes_what_was_there(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.clips.mkdir(parents=True)
    (layout.clips / "old.mp4").write_bytes(b"x")
    (tmp_path / "footage").mkdir()
    (tmp_path / "footage" / "words.mp4").write_text("these are words, not pictures\n" * 20)
    old_pages = layout.contract_docs("prepare") / "docs"
    old_pages.mkdir(parents=True)
    with pytest.raises(StageError, match="1 of 1 files were rejected"):
        run(stage(tmp_path, source="folder"))
    assert not layout.prepared.exists()
    assert not old_pages.exists()


def test_a_run_leaves_nothing_of_the_last_one(tmp_path: Path, talk: list[NDArray[np.uint8]]) -> None:
    layout = Layout(tmp_path)
    layout.clips.mkdir(parents=True)
    (layout.clips / "old.mp4").write_bytes(b"x")
    (tmp_path / "footage").mkdir()
    encode(tmp_path / "footage" / "anna.mp4", talk, audio=tone(1.2))
    artifacts: dict[str, str] = {}

    class Listener(NullTracker):
        def log_artifact(self, path: Path, folder: str = "") -> None:
            assert path.exists()
            artifacts[path.relative_to(tmp_path).as_posix()] = folder

    given = stage(tmp_path, source="folder")
    assert run(Stage(given.params, given.layout, Listener()))["clips"] == 1
    assert sorted(path.name for path in layout.clips.iterdir()) == ["anna.mp4", "anna.wav"]
    assert layout.manifest.is_file()
    assert layout.contract.is_file()
    assert (layout.contract_docs("prepare") / "docs" / "index.html").is_file()
    assert artifacts["contracts/prepare"] == "contract"
