"""The spool on disk: order, copies, lines that a kill cut short, writers still at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.runner.tracking.spool import Spool, Spooled, event, spooled


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("STYLE2TALKER_SPOOL", raising=False)
    return tmp_path


def test_events_come_back_in_order_with_copies_of_their_files(root: Path) -> None:
    folder = root / "model"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "weights").write_text("1")
    spool = Spool(root / ".mlflow-spool")
    spool.tell(event("begin", tags={}))
    spool.tell(event("artifact", {"path": folder}, folder="m"))
    (folder / "weights").write_text("2")
    spool.tell(event("artifact", {"path": folder}, folder="m"))
    spool.tell(event("end", status="FINISHED"))
    (run,) = spooled(root)
    kinds = [told["kind"] for told in run.events()]
    assert kinds == ["begin", "artifact", "artifact", "end"]
    kept = [Path(told["files"]["path"]) for told in run.events() if "files" in told]
    assert [(path / "weights").read_text() for path in kept] == ["1", "2"]
    assert not (kept[0] / "__pycache__").exists()


def test_a_line_cut_short_is_left_out(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.tell(event("begin", tags={}))
    with (spool.folder / "events.jsonl").open("a") as lines:
        lines.write('{"kind": "metrics", "val')
    (run,) = spooled(root)
    assert [told["kind"] for told in run.events()] == ["begin"]


def test_a_spool_is_held_while_its_writer_lives(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.tell(event("begin", tags={}))
    assert Spooled(spool.folder).held()
    spool.tell(event("end", status="FINISHED"))
    assert not Spooled(spool.folder).held()


def test_progress_survives(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.tell(event("begin", tags={}))
    run = Spooled(spool.folder)
    assert run.progress() == ("", 0)
    run.keep_progress("abc", 7)
    assert Spooled(spool.folder).progress() == ("abc", 7)


def test_runs_come_oldest_first(root: Path) -> None:
    for moment in (30, 10, 20):
        spool = Spool(root / ".mlflow-spool")
        spool.tell({"kind": "begin", "time": moment, "tags": {}})
    assert [run.events()[0]["time"] for run in spooled(root)] == [10, 20, 30]
