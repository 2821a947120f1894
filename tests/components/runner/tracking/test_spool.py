"""The spool on disk: order, copies, lines that a kill cut short, writers still at work."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.runner.tracking.events import Begin, End, LogArtifact, LogMetrics, LogModel
from components.runner.tracking.spool import PREFIX, Spool, SpooledRun, spool_folder, spooled_runs
from tests.components.runner.tracking import old_lines

LINES = "events.jsonl"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("STYLE2TALKER_SPOOL", raising=False)
    return tmp_path


def test_events_come_back_in_order_with_copies_of_their_files(root: Path) -> None:
    folder = root / "model"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "weights").write_text("1")
    spool = Spool(root / ".mlflow-spool")
    spool.write(Begin({}))
    spool.write(LogArtifact(folder, "m"))
    (folder / "weights").write_text("2")
    spool.write(LogArtifact(folder, "m"))
    spool.write(End("FINISHED"))
    (run,) = spooled_runs(root)
    assert run.name.startswith(PREFIX)
    assert [event.kind for event in run.events()] == ["begin", "artifact", "artifact", "end"]
    copies = [event.path for event in run.events() if isinstance(event, LogArtifact)]
    assert all(path.is_absolute() for path in copies)
    assert [(path / "weights").read_text() for path in copies] == ["1", "2"]
    assert not (copies[0] / "__pycache__").exists()


def test_files_of_one_name_do_not_meet(root: Path) -> None:
    for folder in ("a", "b"):
        (root / folder / "weights").mkdir(parents=True)
        (root / folder / "weights" / "1").write_text(folder)
    (root / "served.py").write_text("code")
    spool = Spool(root / ".mlflow-spool")
    folders = {name: root / name / "weights" for name in ("a", "b")}
    spool.write(LogModel("talker", folders, root / "served.py", (), {}))
    (event,) = SpooledRun(spool.folder).events()
    assert isinstance(event, LogModel)
    assert {name: (path / "1").read_text() for name, path in event.folders.items()} == {"a": "a", "b": "b"}
    assert event.code.read_text() == "code"
    assert event.package is None


def test_a_line_cut_short_is_left_out(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.write(Begin({}))
    with (spool.folder / LINES).open("a") as lines:
        lines.write('{"kind": "metrics", "val')
    (run,) = spooled_runs(root)
    assert [event.kind for event in run.events()] == ["begin"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.integers(0, 400))
def test_a_kill_at_any_byte_loses_no_whole_line(root: Path, size: int) -> None:
    whole = [Begin({"a": "b"}), LogMetrics({"loss": 0.1}, 1), LogMetrics({"löss\n": 0.2}, 2), End("FINISHED")]
    spool = Spool(root / ".mlflow-spool")
    for event in whole:
        spool.write(event)
    path = spool.folder / LINES
    written = path.read_bytes()[:size]
    path.write_bytes(written)
    count = written.count(b"\n")
    events = SpooledRun(spool.folder).events()
    assert events[:count] == whole[:count]
    assert events == whole[: len(events)]  # a line may be whole but for its end
    assert len(events) - count in (0, 1)


def test_a_spool_of_the_first_version_is_read(root: Path) -> None:
    folder = root / ".mlflow-spool" / f"{PREFIX}1"
    folder.mkdir(parents=True)
    lines = [old_lines.BEGIN, old_lines.ARTIFACT, old_lines.MODEL, old_lines.END]
    (folder / LINES).write_text("\n".join(lines) + "\n")
    (run,) = spooled_runs(root)
    begin, artifact, model, end = run.events()
    assert isinstance(artifact, LogArtifact)
    assert artifact.path == folder / "files" / "00000" / "note.txt"
    assert isinstance(model, LogModel)
    assert model.folders == {"style_e": folder / "files" / "00002" / "style_e"}
    assert model.requirements == folder / "files" / "00005" / "constraints.txt"
    assert (begin, end) == (Begin({"mlflow.runName": "annotate"}, time=old_lines.TIME), End("FINISHED", time=end.time))


def test_what_this_version_does_not_know_is_no_silence(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    (spool.folder / LINES).write_text('{"kind": "video", "time": 1}\n')
    with pytest.raises(UserError, match="no event that this version knows"):
        SpooledRun(spool.folder).events()


def test_a_spool_is_held_while_its_writer_lives(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.write(Begin({}))
    assert SpooledRun(spool.folder).is_held()
    spool.write(End("FINISHED"))
    assert not SpooledRun(spool.folder).is_held()


def test_progress_survives(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.write(Begin({}))
    run = SpooledRun(spool.folder)
    assert run.progress() == ("", 0)
    run.write_progress("abc", 7)
    assert SpooledRun(spool.folder).progress() == ("abc", 7)


def test_runs_come_oldest_first_and_empty_folders_do_not_count(root: Path) -> None:
    for moment in (30, 10, 20):
        spool = Spool(root / ".mlflow-spool")
        spool.write(Begin({}, time=moment))
    Spool(root / ".mlflow-spool")  # killed before its first event
    assert [run.events()[0].time for run in spooled_runs(root)] == [10, 20, 30]
    SpooledRun(spool.folder).remove()
    assert [run.events()[0].time for run in spooled_runs(root)] == [10, 30]


def test_a_run_of_which_only_a_cut_line_is_left_comes_first(root: Path) -> None:
    spool = Spool(root / ".mlflow-spool")
    spool.write(Begin({}))
    other = Spool(root / ".mlflow-spool")
    (other.folder / LINES).write_text('{"ki')
    assert [run.name for run in spooled_runs(root)] == [other.name, spool.name]


def test_the_folder_can_be_elsewhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spool_folder(root) == root / ".mlflow-spool"
    monkeypatch.setenv("STYLE2TALKER_SPOOL", str(root / "elsewhere"))
    assert spool_folder(root) == root / "elsewhere"
