"""A run changes over from MLflow to disk, and from disk to nowhere; it never stops, and it says so once."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from components.runner.tracking.events import Begin, Continue, End, LogArtifact, LogMetrics, SetTags
from components.runner.tracking.mlflow_store import connect
from components.runner.tracking.sinks import MlflowSink, NullSink, SpoolSink, open_sink, warn
from components.runner.tracking.spool import PREFIX, Spool, SpooledRun, spooled_runs

DEAD = "http://127.0.0.1:9"


def break_metrics(store: Path) -> None:
    """What a damaged database does: from now on MLflow fails at every metric."""
    with sqlite3.connect(store / "mlflow.db") as database:
        database.execute("DROP TABLE metrics")


def test_a_run_that_mlflow_takes_is_nowhere_else(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sink = open_sink(store, {"mlflow.runName": "train"})
    assert isinstance(sink, MlflowSink)
    assert sink.write(SetTags({"a": "b"})) is sink
    client, _ = connect(store)
    assert client.get_run(sink.run_id).data.tags["a"] == "b"
    assert not spooled_runs(store)
    assert "warning" not in capsys.readouterr().err


def test_a_run_without_a_server_waits_whole(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    sink = open_sink(store, {"mlflow.runName": "train"})
    assert isinstance(sink, SpoolSink)
    assert sink.write(LogMetrics({"loss": 1.0}, 1)) is sink
    (run,) = spooled_runs(store)
    assert sink.run_id == run.name
    begin, metrics = run.events()
    assert isinstance(begin, Begin)
    assert begin.tags == {"mlflow.runName": "train"}
    assert isinstance(metrics, LogMetrics)
    assert capsys.readouterr().err.count("when MLflow is back: python -m flows.sync") == 1


def test_a_store_that_fails_midway_hands_over_from_that_very_event(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = open_sink(store, {})
    sink = first.write(SetTags({"a": "b"}))
    break_metrics(store)
    event = LogMetrics({"loss": 1.0}, 1)
    sink = sink.write(event)
    assert isinstance(sink, SpoolSink)
    assert sink.run_id == first.run_id
    sink.write(End("FINISHED"))
    (run,) = spooled_runs(store)
    start, *rest = run.events()
    assert isinstance(start, Continue)
    assert start.run_id == first.run_id
    assert rest[0] == event
    assert [entry.kind for entry in rest] == ["metrics", "end"]
    assert capsys.readouterr().err.count("warning") == 1


def test_what_mlflow_refuses_is_left_out_alone(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sink = open_sink(store, {})
    assert sink.write(LogMetrics({"a name with ? marks": 1.0}, 1)) is sink
    assert "its metrics are not recorded" in capsys.readouterr().err
    assert not spooled_runs(store)


def test_a_disk_that_takes_no_more_ends_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spool = Spool(tmp_path / "spools")
    (tmp_path / "note.txt").write_text("x")
    sink = SpoolSink(spool, "abc").write(Begin({}))
    shutil.rmtree(spool.folder / "files")
    sink = sink.write(LogArtifact(tmp_path / "note.txt", ""))
    assert isinstance(sink, NullSink)
    assert sink.run_id == "abc"
    assert sink.write(End("FINISHED")) is sink
    assert [event.kind for event in SpooledRun(spool.folder).events()] == ["begin"]
    assert capsys.readouterr().err.count("recorded nowhere") == 1


def test_neither_a_server_nor_a_disk(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    (store / "file").write_text("")
    monkeypatch.setenv("STYLE2TALKER_SPOOL", str(store / "file" / "not a folder"))
    sink = open_sink(store, {})
    assert isinstance(sink, NullSink)
    assert sink.run_id == ""
    assert capsys.readouterr().err.count("warning") == 1


def test_names_on_disk_are_no_ids(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    sinks = [open_sink(store, {}) for _ in range(2)]
    assert all(sink.run_id.startswith(PREFIX) for sink in sinks)
    assert sinks[0].run_id != sinks[1].run_id


@pytest.mark.parametrize(("error", "reason"), [(ValueError("first\nsecond"), "first"), (KeyError(), "KeyError")])
def test_a_warning_is_one_line(error: Exception, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn(error, "so what")
    assert capsys.readouterr().err == f"warning: tracking failed ({reason}); so what\n"
