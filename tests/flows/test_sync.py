"""Runs that waited on disk arrive whole: times, children, models' place in line, and runs whose process was killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.common.tracker import Tracker
from components.runner.tracking.events import Begin, Continue, End, LogArtifact, LogImage, LogMetrics
from components.runner.tracking.runs import connect, parent_run, start_run
from components.runner.tracking.spool import LINES, PREFIX, Spool, spooled_runs
from flows.sync import sync
from tests.components.runner.tracking import old_lines

DEAD = "http://127.0.0.1:9"


def test_a_spooled_family_arrives_as_it_was(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = store / "note.txt"
    note.write_text("then")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    with parent_run("retrain", store) as parent:
        monkeypatch.setenv("STYLE2TALKER_PARENT_RUN", parent)
        tracker = _failing_run(store, note)
    events_by_run = {run.name: run.events() for run in spooled_runs(store)}
    note.write_text("now")

    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    lines: list[str] = []
    assert sync(store, lines.append) == 2
    assert not spooled_runs(store)
    assert sync(store, lines.append) == 0
    client, experiment = connect(store)
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    child, flow = runs["annotate"], runs["retrain"]
    assert child.data.tags["mlflow.parentRunId"] == flow.info.run_id
    assert child.data.tags["spool"] == tracker.run_id
    assert (child.info.status, flow.info.status) == ("FAILED", "FINISHED")
    events = events_by_run[str(tracker.run_id)]
    assert (child.info.start_time, child.info.end_time) == (events[0].time, events[-1].time)
    history = client.get_metric_history(child.info.run_id, "loss")
    assert [(m.step, m.value) for m in history] == [(1, 2.0), (2, 1.0)]
    times = [event.time for event in events if isinstance(event, LogMetrics) and "loss" in event.values]
    assert [m.timestamp for m in history] == times
    assert child.data.params["annotate.keep"] == "5"
    place = client.download_artifacts(child.info.run_id, "notes/note.txt", str(store))
    assert Path(place).read_text() == "then"


def _failing_run(store: Path, note: Path) -> Tracker:
    try:
        with start_run("annotate", Params(), Layout(store)) as tracker:
            tracker.log_metrics({"loss": 2.0}, step=1)
            tracker.log_metrics({"loss": 1.0}, step=2)
            tracker.log_artifact(note, "notes")
            raise RuntimeError("boom")
    except RuntimeError:
        return tracker


def test_a_child_that_was_told_live_finds_its_parent(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    with parent_run("retrain", store) as parent:
        monkeypatch.setenv("STYLE2TALKER_PARENT_RUN", parent)
        monkeypatch.delenv("MLFLOW_TRACKING_URI")
        with start_run("annotate", Params(), Layout(store)) as tracker:
            pass
    sync(store, print)
    client, experiment = connect(store)
    (flow,) = client.search_runs([experiment], "tags.kind = 'retrain'")
    assert client.get_run(tracker.run_id).data.tags["mlflow.parentRunId"] == flow.info.run_id


def test_the_rest_of_a_run_joins_its_beginning(store: Path) -> None:
    client, experiment = connect(store)
    run = client.create_run(experiment)
    spool = Spool(store / ".mlflow-spool")
    spool.write(Continue(run.info.run_id))
    spool.write(LogMetrics({"loss": 3.0}, 9))
    spool.write(End("FINISHED"))
    assert sync(store, print) == 1
    again = client.get_run(run.info.run_id)
    assert again.data.metrics == {"loss": 3.0}
    assert again.info.status == "FINISHED"
    assert len(client.search_runs([experiment])) == 1


def test_a_killed_stage_is_sent_as_killed_and_a_living_one_is_left(store: Path) -> None:
    spool = Spool(store / ".mlflow-spool")
    spool.write(Begin({"mlflow.runName": "x"}))
    spool.write(LogMetrics({"loss": 3.0}, 9))
    lines: list[str] = []
    assert sync(store, lines.append) == 0
    assert "still being written" in lines[0]
    del spool  # the kernel frees what a killed process held
    assert sync(store, lines.append) == 1
    client, experiment = connect(store)
    (run,) = client.search_runs([experiment])
    assert run.info.status == "KILLED"
    assert run.data.metrics == {"loss": 3.0}


def test_an_interrupted_sync_makes_no_second_run(store: Path) -> None:
    spool = Spool(store / ".mlflow-spool")
    spool.write(Begin({"mlflow.runName": "x"}))
    spool.write(LogArtifact(Path(__file__), ""))
    (waiting,) = spooled_runs(store)
    spool.write(End("FINISHED"))
    stored = waiting.events()[1].files()["path"]
    content = stored.read_bytes()
    stored.unlink()
    with pytest.raises(UserError, match="could not be sent"):
        sync(store, print)
    stored.write_bytes(content)
    assert sync(store, print) == 1
    client, experiment = connect(store)
    (run,) = client.search_runs([experiment])
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == [Path(__file__).name]


def test_a_dead_server_is_one_line_and_keeps_everything(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(store / ".mlflow-spool")
    spool.write(Begin({}))
    spool.write(End("FINISHED"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    with pytest.raises(UserError, match="does not answer"):
        sync(store, print)
    assert len(spooled_runs(store)) == 1


def test_a_spool_of_the_first_version_is_replayed(store: Path) -> None:
    folder = store / ".mlflow-spool" / f"{PREFIX}1"
    for place in ("files/00000", "files/00001"):
        (folder / place).mkdir(parents=True)
    (folder / "files/00000/note.txt").write_text("hello")
    Image.new("RGB", (4, 4)).save(folder / "files/00001/a.png")
    lines = (
        old_lines.BEGIN, old_lines.PARAMS, old_lines.METRICS, old_lines.TAGS, old_lines.ARTIFACT, old_lines.IMAGE,
        old_lines.INPUTS, old_lines.END,
    )  # fmt: skip
    (folder / LINES).write_text("\n".join(lines) + "\n")
    assert sync(store, print) == 1
    client, experiment = connect(store)
    (run,) = client.search_runs([experiment])
    assert run.info.run_name == "annotate"
    assert (run.info.status, run.info.start_time, run.info.end_time) == ("FINISHED", old_lines.TIME, old_lines.TIME)
    assert run.data.params == {"annotate.keep": "5"}
    assert run.data.tags["decision"] == "kept"
    (point,) = client.get_metric_history(run.info.run_id, "loss")
    assert (point.value, point.step, point.timestamp) == (2.0, 3, old_lines.TIME)
    assert [file.path for file in client.list_artifacts(run.info.run_id, "notes")] == ["notes/note.txt"]
    assert any("sample" in file.path for file in client.list_artifacts(run.info.run_id, "images"))
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("data/prepared", "00112233")


def test_the_rest_of_a_run_in_the_first_version_joins_its_beginning(store: Path) -> None:
    client, experiment = connect(store)
    run = client.create_run(experiment)
    folder = store / ".mlflow-spool" / f"{PREFIX}1"
    folder.mkdir(parents=True)
    first = old_lines.CONTINUE.replace("abc", run.info.run_id)
    (folder / LINES).write_text(f"{first}\n{old_lines.METRICS}\n{old_lines.END}\n")
    assert sync(store, print) == 1
    assert client.get_run(run.info.run_id).data.metrics == {"loss": 2.0}


def test_a_spool_without_a_beginning_is_one_line(store: Path) -> None:
    folder = store / ".mlflow-spool" / f"{PREFIX}1"
    folder.mkdir(parents=True)
    (folder / LINES).write_text(f"{old_lines.METRICS}\n{old_lines.END}\n")
    with pytest.raises(UserError, match="does not begin"):
        sync(store, print)


def test_what_mlflow_refuses_for_good_does_not_hold_up_the_rest(store: Path) -> None:
    spool = Spool(store / ".mlflow-spool")
    spool.write(Begin({}))
    spool.write(LogMetrics({"a name with ? marks": 1.0}, 1))
    torn = store / "torn.png"
    torn.write_bytes(b"half a picture")
    spool.write(LogImage(torn, "sample"))
    spool.write(LogMetrics({"loss": 1.0}, 2))
    spool.write(End("FINISHED"))
    lines: list[str] = []
    assert sync(store, lines.append) == 1
    assert "refused its metrics" in lines[0]
    client, experiment = connect(store)
    (run,) = client.search_runs([experiment])
    assert run.data.metrics == {"loss": 1.0}
