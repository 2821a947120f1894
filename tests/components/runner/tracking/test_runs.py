"""Runs in a real SQLite store, without a store, and on disk when a server is dead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.common.artifacts import write_json
from components.common.layout import Layout
from components.common.params import Params
from components.common.tracker import NullTracker
from components.runner.tracking.events import LogArtifact, LogMetrics
from components.runner.tracking.runs import connect, flatten, parent_run, record_cached, start_run
from components.runner.tracking.spool import PREFIX, spooled_runs

DEAD = "http://127.0.0.1:9"
DVC_YAML = """
stages:
  prepare: {cmd: none, outs: [data/prepared]}
  annotate: {desc: Five sentences a clip, cmd: none, deps: [components, data/prepared]}
"""
DVC_LOCK = """
schema: '2.0'
stages:
  prepare: {cmd: none, outs: [{path: data/prepared, md5: 00112233445566778899aabbccddeeff.dir}]}
"""


def test_a_run_keeps_params_metrics_and_artifacts(store: Path) -> None:
    note = store / "note.txt"
    note.write_text("hello")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"loss": 2.0}, step=1)
        tracker.log_metrics({"loss": 1.0}, step=2)
        tracker.log_artifact(note)
        run_id = tracker.run_id
    client, _ = connect(store)
    assert run_id is not None
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["annotate.keep"] == "5"
    assert "train_style_e.lr" not in run.data.params
    assert [metric.value for metric in client.get_metric_history(run_id, "loss")] == [2.0, 1.0]
    assert [file.path for file in client.list_artifacts(run_id)] == ["note.txt"]
    assert run.data.tags["stage"] == "annotate"
    assert not spooled_runs(store)


def test_a_page_says_what_the_run_is_and_what_it_read(store: Path) -> None:
    (store / "dvc.yaml").write_text(DVC_YAML)
    (store / "dvc.lock").write_text(DVC_LOCK)
    (store / "plots").mkdir()
    (store / "plots" / "annotate.csv").write_text("step,loss\n1,2\n2,1\n")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"sentences": 320.0})
    client, _ = connect(store)
    run = client.get_run(tracker.run_id)
    page = run.data.tags["mlflow.note.content"]
    assert "| sentences | 320 |" in page
    assert page.startswith("Five sentences a clip (finished).")
    assert "sentences **320**" in page
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("data/prepared", "00112233445566778899aabbccddeeff")
    assert json.loads(data.dataset.source)["tags"]["dvc.md5"] == "00112233445566778899aabbccddeeff.dir"
    assert {file.path for file in client.list_artifacts(run.info.run_id, "plots")} == {
        "plots/annotate.csv",
        "plots/annotate.png",
    }


def test_the_final_value_of_a_curve_stands_at_its_end(store: Path) -> None:
    with start_run("annotate", Params(), Layout(store)) as tracker:
        for step in (20, 40):
            tracker.log_metrics({"loss": 1 / step, "error": 1 / (3 * step), "art/loss": 1.0}, step=step)
        tracker.log_metrics({"loss": 0.5, "error": round(1 / 120, 6), "clips": 3.0})
    client, _ = connect(store)
    history = {name: client.get_metric_history(tracker.run_id, name) for name in ("loss", "error", "clips", "art/loss")}
    steps = {name: [point.step for point in points] for name, points in history.items()}
    assert steps == {"loss": [20, 40, 40], "error": [20, 40], "clips": [0], "art/loss": [20, 40]}
    assert client.get_run(tracker.run_id).data.metrics["loss"] == 0.5


def test_a_decision_heads_the_note_and_no_password_gets_into_a_run(store: Path) -> None:
    with start_run("retrain", Params(), Layout(store), kind="retrain") as tracker:
        tracker.set_tags({"decision.summary": "promoted: better", "store": "postgresql://me:secret@db/x"})
        tracker.log_params({"url": "https://me:secret@host/v1"})
    client, _ = connect(store)
    data = client.get_run(tracker.run_id).data
    assert data.tags["mlflow.note.content"].startswith("**promoted**: better\n\nA run of `retrain` (finished)")
    assert (data.tags["store"], data.params["url"]) == ("postgresql://db/x", "https://host/v1")


def test_even_a_short_run_has_system_metrics(store: Path) -> None:
    with start_run("annotate", Params(), Layout(store)) as tracker:
        pass
    client, _ = connect(store)
    figures = client.get_run(tracker.run_id).data.metrics
    assert figures["system/process_memory_megabytes"] > 10
    assert 0 <= figures["system/cpu_utilization_percentage"] <= 100


def test_a_flow_logs_every_section(store: Path) -> None:
    with start_run("retrain", Params(), Layout(store), kind="retrain") as tracker:
        pass
    client, _ = connect(store)
    run = client.get_run(tracker.run_id)
    assert {"train_style_e.lr", "prepare.clips", "evaluate.clips"} <= set(run.data.params)
    assert not run.data.metrics  # it only waits; what its stages cost stands in their own runs
    assert run.data.tags["kind"] == "retrain"


def test_a_failing_stage_is_marked_failed(store: Path) -> None:
    with pytest.raises(RuntimeError), start_run("annotate", Params(), Layout(store)) as tracker:
        raise RuntimeError("boom")
    client, _ = connect(store)
    assert client.get_run(tracker.run_id).info.status == "FAILED"


def test_a_parent_run_nests_stages_and_not_itself(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with parent_run("sweep style_e", store) as parent:
        monkeypatch.setenv("STYLE2TALKER_PARENT_RUN", parent)
        with start_run("annotate", Params(), Layout(store)) as tracker:
            pass
    client, _ = connect(store)
    assert client.get_run(tracker.run_id).data.tags["mlflow.parentRunId"] == parent
    assert "mlflow.parentRunId" not in client.get_run(parent).data.tags


def test_a_cached_stage_names_the_run_that_made_it(store: Path) -> None:
    layout = Layout(store)
    write_json(layout.lineage("annotate"), {"run_id": "abc"})
    write_json(layout.metrics("annotate"), {"sentences": 320.0})
    with parent_run("retrain", store) as parent:
        record_cached(["annotate", "prepare"], parent, store)
    client, experiment = connect(store)
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'")
    by_stage = {run.data.tags["stage"]: run for run in children}
    assert set(by_stage) == {"annotate", "prepare"}
    assert by_stage["annotate"].data.tags["source_run"] == "abc"
    assert by_stage["annotate"].data.metrics["sentences"] == 320.0
    assert by_stage["prepare"].data.tags["cached"] == "true"
    assert {run.info.status for run in children} == {"FINISHED"}


def test_off_means_no_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_TRACKING", "off")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"loss": 1.0})
    assert isinstance(tracker, NullTracker)
    assert [path.name for path in store.iterdir()] == ["mlflow.db"]
    assert not connect(store)[0].search_runs([connect(store)[1]])


def test_a_dead_server_sends_the_run_to_disk(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    picture = store / "picture.txt"
    picture.write_text("first")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"loss": 1.0}, step=3)
        tracker.log_artifact(picture, "pictures")
        picture.write_text("second")
    assert tracker.run_id is not None
    assert tracker.run_id.startswith(PREFIX)
    warning = capsys.readouterr().err
    assert warning.count("warning") == 1
    assert "python -m flows.sync" in warning
    (run,) = spooled_runs(store)
    events = run.events()
    assert (events[0].kind, events[-1].kind) == ("begin", "end")
    metrics = next(event for event in events if isinstance(event, LogMetrics))
    assert (metrics.values, metrics.step) == ({"loss": 1.0}, 3)
    artifact = next(event for event in events if isinstance(event, LogArtifact))
    assert artifact.path.read_text() == "first"  # a copy of what it was when it was logged


def test_a_full_disk_and_a_dead_server_stop_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", DEAD)
    (store / "file").write_text("")
    monkeypatch.setenv("STYLE2TALKER_SPOOL", str(store / "file" / "not a folder"))
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"loss": 1.0}, step=3)
        done = True
    assert done
    assert tracker.run_id is None


def test_what_mlflow_refuses_is_dropped_alone(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"a name with ? marks": 1.0}, step=1)
        tracker.log_metrics({"loss": 1.0}, step=2)
    client, _ = connect(store)
    assert client.get_run(tracker.run_id).data.metrics["loss"] == 1.0
    assert not spooled_runs(store)
    assert "not recorded" in capsys.readouterr().err


def test_flatten() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}
    assert json.dumps(flatten({})) == "{}"
