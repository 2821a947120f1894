"""Tracking against a real SQLite store, without a store, and with a dead server."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from components.common.layout import Layout
from components.common.params import Params
from components.common.tracking import NullTracker, connect, flatten, start_run


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("STYLE2TALKER_TRACKING", raising=False)
    return tmp_path


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


def test_a_failing_stage_is_marked_failed(store: Path) -> None:
    with pytest.raises(RuntimeError), start_run("annotate", Params(), Layout(store)) as tracker:
        raise RuntimeError("boom")
    client, _ = connect(store)
    assert client.get_run(tracker.run_id).info.status == "FAILED"


def test_a_parent_run_nests(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_PARENT_RUN", "abc123")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        pass
    client, _ = connect(store)
    assert client.get_run(tracker.run_id).data.tags["mlflow.parentRunId"] == "abc123"


def test_off_means_no_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_TRACKING", "off")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_metrics({"loss": 1.0})
    assert isinstance(tracker, NullTracker)
    assert not list(store.iterdir())


def test_a_dead_server_does_not_stop_the_stage(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        done = True
    assert done
    assert isinstance(tracker, NullTracker)
    assert "untracked" in capsys.readouterr().err


def _connect(root: str) -> str:
    return connect(Path(root))[1]


@pytest.mark.slow
def test_four_first_starts_share_one_database(store: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_connect, [str(store)] * 4))) == 1


def test_flatten() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}
    assert json.dumps(flatten({})) == "{}"


SERVED = """
from pathlib import Path
from components.common.tracking import serve

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
    (store / "weights").mkdir()
    (store / "weights" / "word.txt").write_text("hello")
    with start_run("annotate", Params(), Layout(store)) as tracker:
        tracker.log_model("talker", {"model": store / "weights"}, store / "served.py")
        run_id = tracker.run_id
    connect(store)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run_id}/talker")
    assert loaded.predict(pd.DataFrame([{"name": "a"}, {"name": "b"}])) == ["hello a", "hello b"]
    client, _ = connect(store)
    assert not list(Path(store, "mlartifacts").rglob("*.pkl"))
    assert client.get_run(run_id).info.status == "FINISHED"
