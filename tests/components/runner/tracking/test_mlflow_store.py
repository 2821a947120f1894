"""The store: servers that are dead, mute or refuse, one database for all, and what each event does to a run."""

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
from PIL import Image

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.runner.tracking.events import (
    Begin,
    Continue,
    End,
    LogArtifact,
    LogImage,
    LogInputs,
    LogMetrics,
    LogParams,
    SetTags,
    from_json,
)
from components.runner.tracking.mlflow_store import (
    NOTE,
    SPOOL_TAG,
    Store,
    connect,
    is_permanent,
    require_store,
    store_uri,
)
from components.runner.tracking.mlflow_views import GUIDE, TAG
from components.runner.tracking.model_requirements import model_requirements
from components.runner.tracking.runs import start_run
from components.runner.tracking.spool import PREFIX
from tests.components.runner.tracking import old_lines


@pytest.fixture
def mute_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


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
        assert require_store(store).secret == uri
        server.shutdown()


def test_another_project_of_the_same_process_has_its_own_store(store: Path, tmp_path_factory: Any) -> None:
    connect(store)
    other = tmp_path_factory.mktemp("other")
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert str(other) in store_uri(other).secret


def _connect(root: str) -> str:
    return connect(Path(root))[1]


@pytest.mark.slow
def test_four_first_starts_share_one_database(store: Path) -> None:
    (store / "mlflow.db").unlink()
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_connect, [str(store)] * 4))) == 1


def test_the_experiment_has_its_guide_and_its_views(store: Path) -> None:
    client, experiment = connect(store)
    tags = client.get_experiment(experiment).tags
    assert tags[NOTE] == GUIDE
    assert [name for name in tags if name.startswith(TAG)]
    client.set_experiment_tag(experiment, NOTE, "ours")
    assert connect(store)[1] == experiment
    assert client.get_experiment(experiment).tags[NOTE] == "ours"  # what people write is left alone


class Run:
    """A run in a store, to send events to."""

    def __init__(self, root: Path) -> None:
        self.store = Store.open(root)
        self.id = self.store.begin(Begin({"mlflow.runName": "train", "count": "3"}, time=5000))

    @property
    def stored(self) -> Any:
        return self.store.client.get_run(self.id)


@pytest.fixture
def run(store: Path) -> Run:
    return Run(store)


def test_a_run_begins_and_ends_when_it_did(run: Run) -> None:
    assert (run.stored.info.run_name, run.stored.info.start_time) == ("train", 5000)
    assert (run.stored.data.tags["count"], run.stored.info.status) == ("3", "RUNNING")
    run.store.send(End("KILLED", time=7000), run.id)
    assert (run.stored.info.status, run.stored.info.end_time) == ("KILLED", 7000)


def test_more_parameters_than_a_request_holds_arrive(run: Run) -> None:
    values = {f"p{i}": str(i) for i in range(201)}
    run.store.send(LogParams(values), run.id)
    assert run.stored.data.params == values


def test_a_repeated_event_changes_nothing(run: Run) -> None:
    event = LogMetrics({"loss": 0.5, "lips": 0.9}, 7, time=6000)
    for _ in range(2):
        run.store.send(event, run.id)
        run.store.send(LogParams({"a": "1"}), run.id)
    (point,) = run.store.client.get_metric_history(run.id, "loss")
    assert (point.value, point.step, point.timestamp) == (0.5, 7, 6000)
    assert run.stored.data.metrics == {"loss": 0.5, "lips": 0.9}


def test_a_later_tag_replaces_an_earlier_one(run: Run) -> None:
    for value in ("kept", "promoted"):
        run.store.send(SetTags({"decision": value}), run.id)
    assert run.stored.data.tags["decision"] == "promoted"


def test_files_folders_and_pictures(run: Run, store: Path) -> None:
    (store / "plots").mkdir()
    (store / "plots" / "a.csv").write_text("step\n")
    Image.new("RGBA", (4, 4)).save(store / "a.png")
    run.store.send(LogArtifact(store / "plots", "curves"), run.id)
    run.store.send(LogArtifact(store / "plots" / "a.csv", ""), run.id)
    run.store.send(LogImage(store / "a.png", "sample"), run.id)
    client = run.store.client
    assert {file.path for file in client.list_artifacts(run.id)} == {"a.csv", "curves", "images"}
    assert [file.path for file in client.list_artifacts(run.id, "curves")] == ["curves/a.csv"]
    assert all("sample" in file.path for file in client.list_artifacts(run.id, "images"))


def test_data_are_named_by_their_hash(run: Run) -> None:
    run.store.send(LogInputs({"data/prepared": "00112233.dir"}, "evaluation"), run.id)
    (entry,) = run.stored.inputs.dataset_inputs
    assert (entry.dataset.name, entry.dataset.digest) == ("data/prepared", "00112233")
    assert json.loads(entry.dataset.source)["tags"] == {"dvc.md5": "00112233.dir", "path": "data/prepared"}
    assert [(tag.key, tag.value) for tag in entry.tags] == [("mlflow.data.context", "evaluation")]


@pytest.mark.parametrize("event", [Begin({}), Continue("abc")])
def test_the_start_of_a_run_is_nothing_to_send(run: Run, event: Any) -> None:
    with pytest.raises(TypeError, match=event.kind):
        run.store.send(event, run.id)


def test_a_spooled_run_is_found_by_its_name(run: Run) -> None:
    run.store.send(SetTags({SPOOL_TAG: f"{PREFIX}1"}), run.id)
    assert run.store.resolve(f"{PREFIX}1") == run.id
    assert run.store.resolve(f"{PREFIX}2") == ""
    assert run.store.resolve("an id") == "an id"


def test_what_mlflow_refuses_differs_from_trouble(run: Run) -> None:
    with pytest.raises(Exception, match="name") as refusal:
        run.store.send(LogMetrics({"a name with ? marks": 1.0}, 0), run.id)
    assert is_permanent(refusal.value)
    with pytest.raises(Exception, match="not found") as refusal:
        run.store.send(SetTags({"a": "b"}), "0" * 32)
    assert is_permanent(refusal.value)
    assert not is_permanent(ConnectionError("refused"))


SERVED = """
from pathlib import Path
from components.common.errors import UserError
from components.runner.tracking.mlflow_store import serve

class Echo:
    def __init__(self, artifacts): self.word = Path(artifacts["model"], "word.txt").read_text()
    def predict(self, rows):
        if rows[0]["name"] == "nobody": raise UserError("nobody is unknown; name somebody")
        if rows[0]["name"] == "bug": raise ZeroDivisionError(f"in {__file__}")
        return [f"{self.word} {row['name']}" for row in rows]

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
    assert requirements.read_text().split() == model_requirements()
    assert not list(Path(store, "mlartifacts").rglob("*.pkl"))
    assert client.get_run(run_id).info.status == "FINISHED"
    assert client.get_run(run_id).data.metrics["after"] == 1.0
    answers_to_clients(loaded)
    (word,) = Path(store, "mlartifacts").rglob("word.txt")
    word.write_text("jello")
    with pytest.raises(UserError, match="hash mismatch: model of this model"):
        mlflow.pyfunc.load_model(f"runs:/{run_id}/talker")


def answers_to_clients(model: Any) -> None:
    """Through MLflow's own server: a mistake is HTTP 400 in one line, a bug is HTTP 500 and tells nothing."""
    from fastapi.testclient import TestClient
    from mlflow.pyfunc import scoring_server

    client = TestClient(scoring_server.init(model))

    def ask(name: str) -> tuple[int, dict[str, str]]:
        reply = client.post("/invocations", json={"dataframe_records": [{"name": name}]})
        return reply.status_code, reply.json()

    assert ask("a") == (200, {"predictions": ["hello a"]})
    line = "nobody is unknown; name somebody"
    assert ask("nobody") == (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": line})
    code, reply = ask("bug")
    assert (code, reply["error_code"]) == (500, "INTERNAL_ERROR")
    assert reply.keys() == {"error_code", "message"}
    assert not any(word in reply["message"] for word in ("\n", "/", "Zero", "Traceback"))


@pytest.mark.slow
def test_a_model_in_a_line_of_the_first_version_is_logged(run: Run, store: Path) -> None:
    (store / "weights").mkdir()
    (store / "served.py").write_text(SERVED.replace('artifacts["model"], "word.txt"', 'artifacts["style_e"]'))
    event = from_json(old_lines.MODEL)
    run.store.send(event.with_files({"folder:style_e": store / "weights", "code": store / "served.py"}), run.id)
    (output,) = run.stored.outputs.model_outputs
    model = run.store.client.get_logged_model(output.model_id)
    assert model.name == "talker"
    assert run.stored.info.status == "RUNNING"
