"""Tracking against a real SQLite store, without a store, and with servers that are dead, mute or refuse."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.common.tracker import NullTracker
from components.runner.tracking.mlflow_store import connect, require_store, store_uri
from components.runner.tracking.runs import flatten, parent_run, record_cached, start_run
from components.runner.tracking.spool import PREFIX, spooled

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


@pytest.fixture
def mute_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def events_of(root: Path) -> list[list[dict[str, Any]]]:
    return [run.events() for run in spooled(root)]


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
    assert not list(spooled(store))


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
    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'")
    by_stage = {run.data.tags["stage"]: run for run in found}
    assert set(by_stage) == {"annotate", "prepare"}
    assert by_stage["annotate"].data.tags["source_run"] == "abc"
    assert by_stage["annotate"].data.metrics["sentences"] == 320.0
    assert by_stage["prepare"].data.tags["cached"] == "true"
    assert {run.info.status for run in found} == {"FINISHED"}


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
    (events,) = events_of(store)
    kinds = [told["kind"] for told in events]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert {"values": {"loss": 1.0}, "step": 3}.items() <= next(e for e in events if e["kind"] == "metrics").items()
    kept = next(e for e in events if e["kind"] == "artifact")
    assert Path(kept["files"]["path"]).read_text() == "first"  # a copy of what it was when it was logged


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
    assert not list(spooled(store))
    assert "not recorded" in capsys.readouterr().err


def test_a_mute_server_is_given_up_quickly(store: Path, monkeypatch: pytest.MonkeyPatch, mute_server: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mute_server)
    answer: list[BaseException] = []

    def ask() -> None:
        try:
            require_store(store)
        except UserError as error:
            answer.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(30)  # the HTTP client of MLflow alone would try for minutes
    assert len(answer) == 1
    assert "does not answer" in str(answer[0])


def test_a_dead_server_is_named_without_its_password(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    with pytest.raises(UserError) as refusal:
        require_store(store)
    assert "http://127.0.0.1:9 does not answer" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_server_that_knows_no_health_page_is_there(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, *arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        assert require_store(store) == uri
        server.shutdown()


def test_another_project_of_the_same_process_has_its_own_store(store: Path, tmp_path_factory: Any) -> None:
    connect(store)
    other = tmp_path_factory.mktemp("other")
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert str(other) in store_uri(other)


def _connect(root: str) -> str:
    return connect(Path(root))[1]


@pytest.mark.slow
def test_four_first_starts_share_one_database(store: Path) -> None:
    (store / "mlflow.db").unlink()
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_connect, [str(store)] * 4))) == 1


def test_flatten() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}
    assert json.dumps(flatten({})) == "{}"


SERVED = """
from pathlib import Path
from components.runner.tracking.mlflow_store import serve

class Echo:
    def __init__(self, artifacts): self.word = Path(artifacts["model"], "word.txt").read_text()
    def predict(self, rows): return [f"{self.word} {row['name']}" for row in rows]

serve(Echo)
"""


@pytest.mark.slow
def test_a_model_is_logged_as_code_and_answers_when_loaded(store: Path) -> None:
    import mlflow
    import pandas as pd

    (store / "served.py").write_text(SERVED)
    (store / "constraints.txt").write_text(f"# tested together\nmlflow=={mlflow.__version__}\nnot-installed==1.0\n")
    (store / "weights").mkdir()
    (store / "weights" / "word.txt").write_text("hello")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        columns = [("name", "string", True), ("size", "long", False)]
        tracker.log_model("talker", {"model": store / "weights"}, store / "served.py", columns, {"name": "c"})
        tracker.log_metrics({"after": 1.0})
        run_id = tracker.run_id
    connect(store)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run_id}/talker")
    assert loaded.predict(pd.DataFrame([{"name": "a"}, {"name": "b"}])) == ["hello a", "hello b"]
    assert loaded.predict(loaded.input_example) == ["hello c"]
    with pytest.raises(mlflow.MlflowException, match="Failed to enforce schema"):
        loaded.predict(pd.DataFrame([{"size": 3}]))
    client, _ = connect(store)
    (requirements,) = Path(store, "mlartifacts").rglob("requirements.txt")
    assert requirements.read_text().split() == [f"mlflow=={mlflow.__version__}"]
    assert not list(Path(store, "mlartifacts").rglob("*.pkl"))
    assert client.get_run(run_id).info.status == "FINISHED"
    assert client.get_run(run_id).data.metrics["after"] == 1.0
