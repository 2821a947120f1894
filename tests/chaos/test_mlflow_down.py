"""MLflow down at the start, in the middle of a training, and at promotion: trainings end, and nothing is lost.

Real `mlflow server` processes on free ports, with a database and artifacts of their own.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from components.runner.tracking.spool import spooled_runs
from tests.chaos.tools import free_port, log_of, no_traceback, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]


class Server:
    """One `mlflow server` that can be killed and started again on the same port and database."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.environment = {"MLFLOW_TRACKING_URI": self.uri, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> Any:
        return mlflow.MlflowClient(self.uri)

    def start(self) -> None:
        root = self.project.root
        self._process = self.project.popen(
            "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{root}/server.db", "--artifacts-destination", f"{root}/server-artifacts",
            env={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}, log=root / "server.log",
        )  # fmt: skip
        wait_for("MLflow answers", self.answers, 180, 0.5)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """As a machine that loses its power does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def server(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    made = Server(project)
    yield made
    made.kill()


def steps_on_disk(project: Project) -> list[int]:
    with (project.root / "plots" / "train_style_e.csv").open(newline="") as stream:
        return [int(row["step"]) for row in csv.DictReader(stream)]


def runs(server: Server, query: str = "") -> list[Any]:
    experiment = server.client.get_experiment_by_name("style2talker")
    return list(server.client.search_runs([experiment.experiment_id], query)) if experiment else []


def refusal(project: Project, *command: str, env: dict[str, str]) -> str:
    """The one line with which a command refuses; its exit code is not 0."""
    done = project.completed(sys.executable, "-m", *command, env=env)
    assert done.returncode != 0, done.stdout
    if "flows.retrain" not in command:  # Prefect logs the traceback of a flow that fails
        no_traceback(done.stdout)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    return line


def test_down_from_the_start_then_synced_whole_and_promoted(project: Project, server: Server) -> None:
    project.set("train_style_e.steps", 61)
    done = project.completed("dvc", "repro", env=server.environment)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("warning: tracking failed") == 2  # one line for each of the two stages that ran
    assert "python -m flows.sync" in done.stdout
    metrics = json.loads((project.root / "metrics" / "evaluate.json").read_text())
    assert "does not answer" in refusal(project, "flows.promote", env=server.environment)
    assert "does not answer" in refusal(project, "flows.sync", env=server.environment)
    assert "does not answer" in refusal(
        project, "flows.restore", "--into", str(project.root / "champion"), env=server.environment
    )
    assert len(spooled_runs(project.root)) == 2

    server.start()
    assert "python -m flows.sync" in refusal(project, "flows.promote", env=server.environment)
    assert "sent 2 runs" in project.run(sys.executable, "-m", "flows.sync", env=server.environment)
    assert not spooled_runs(project.root)
    by_stage = {run.data.tags["stage"]: run for run in runs(server)}
    assert set(by_stage) == {"train_style_e", "evaluate"}
    assert {run.info.status for run in by_stage.values()} == {"FINISHED"}
    training, evaluation = by_stage["train_style_e"], by_stage["evaluate"]
    assert training.data.params["train_style_e.steps"] == "61"
    history = server.client.get_metric_history(training.info.run_id, "loss")
    assert [point.step for point in history if point.step] == steps_on_disk(project)
    assert {entry.dataset.name for entry in training.inputs.dataset_inputs} >= {"data/prepared", "data/coefficients"}
    assert {name: evaluation.data.metrics[name] for name in metrics} == metrics
    files = {file.path for file in server.client.list_artifacts(evaluation.info.run_id)}
    assert {"report", "plots", "images"} <= files
    assert len(evaluation.outputs.model_outputs) == 1

    text = project.run(sys.executable, "-m", "flows.promote", env=server.environment)
    assert "first: " in text
    version = server.client.get_model_version_by_alias("style2talker", "champion")
    assert version.run_id == evaluation.info.run_id
    into = project.root / "champion"
    text = project.run(sys.executable, "-m", "flows.restore", "--into", str(into), env=server.environment)
    assert "code and parameters have the hashes" in text
    assert Project(into).hashes() == project.hashes()


def test_killed_in_the_middle_of_a_training(project: Project, server: Server) -> None:
    server.start()
    project.set("train_style_e.steps", 160)
    training = project.popen("dvc", "repro", "-s", "train_style_e", env=server.environment)

    def told() -> bool:
        return any("loss" in run.data.metrics for run in runs(server))

    wait_for("the first steps are in MLflow", told, 300, 0.5)
    server.kill()
    assert training.wait(600) == 0, log_of(project)
    assert log_of(project).count("warning: tracking failed") == 1
    assert len(spooled_runs(project.root)) == 1

    server.start()
    project.run(sys.executable, "-m", "flows.sync", env=server.environment)
    (run,) = runs(server)
    assert run.info.status == "FINISHED"
    history = server.client.get_metric_history(run.info.run_id, "loss")
    assert sorted({point.step for point in history if point.step}) == steps_on_disk(project)
    assert "val_loss" in run.data.metrics
    assert "(finished)" in run.data.tags["mlflow.note.content"]


def test_a_retrain_trains_and_says_that_it_could_not_promote(project: Project, server: Server) -> None:
    project.set("train_style_e.steps", 12)
    line = refusal(project, "flows.retrain", env=server.environment)
    assert "trained and measured, but not promoted" in line
    assert "does not answer" in line
    assert project.repro() == (set(), set())  # there is nothing left to do
    assert steps_on_disk(project)[-1] == 12
    off = refusal(project, "flows.promote", env={"STYLE2TALKER_TRACKING": "off"})
    assert "tracking is off" in off

    server.start()
    project.run(sys.executable, "-m", "flows.sync", env=server.environment)
    (parent,) = runs(server, "tags.kind = 'retrain'")
    children = runs(server, f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert sorted(run.data.tags["stage"] for run in children) == sorted(
        ["prepare", "fit_regressor", "extract_coefficients", "annotate", "train_style_e", "train_style_a", "evaluate"]
    )
    assert parent.data.tags["decision"] == "refused"
    cached = {run.data.tags["stage"] for run in children if run.data.tags["cached"] == "true"}
    assert cached == {"prepare", "fit_regressor", "extract_coefficients", "annotate", "train_style_a"}
    assert all(run.data.tags["source_run"] for run in children if run.data.tags["stage"] in cached)


def test_promotion_without_a_server_moves_nothing(project: Project, server: Server, tmp_path: Path) -> None:
    project.run(sys.executable, "-m", "flows.promote")  # into the project's own database
    before = mlflow.MlflowClient(f"sqlite:///{project.root}/mlflow.db").get_registered_model("style2talker").aliases
    for flags in ((), ("--rollback",), ("--dry-run",)):
        assert "does not answer" in refusal(project, "flows.promote", *flags, env=server.environment)
    after = mlflow.MlflowClient(f"sqlite:///{project.root}/mlflow.db").get_registered_model("style2talker").aliases
    assert before == after
