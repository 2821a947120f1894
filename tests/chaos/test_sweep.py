"""Sweeps on a bad night: killed in the middle and resumed by two workers; started by cron; MLflow gone half-way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from ruamel.yaml import YAML
from sqlalchemy.exc import SQLAlchemyError

from components.common.errors import UserError
from flows.execution import workspace
from flows.sweep import run_study
from flows.sweeps.plan import Sweep
from flows.sweeps.space import load_space
from tests.chaos.stack import Stack
from tests.chaos.test_mlflow_down import Server
from tests.chaos.tools import STAGE_E, processes, wait_for
from tests.flows.test_sweep import children, space, toy, trained
from tests.project import ROOT, Project

__all__ = ["toy", "trained"]  # fixtures

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

WANTED = 12
PRESENT = 0.00001
SPACE_FILE = "flows/sweeps/spaces/tiny.yaml"
SPACE = """\
stage: train_style_e
objectives:
  - {metric: val_loss, direction: minimize}
report: {plots: train_style_e, column: val_loss}
parameters:
  train_style_e.lr: {type: float, low: 0.000001, high: 0.01, log: true}
  train_style_e.velocity_weight: {type: float, low: 0.0, high: 1.0}
"""


def prepare(project: Project, steps: int) -> None:
    """A search space, trainings of some seconds with many reports, and a learning rate that is easy to beat."""
    (project.root / SPACE_FILE).write_text(SPACE)
    project.set("train_style_e.steps", steps)
    project.set("train_style_e.log_every", 4)
    project.set("train_style_e.lr", PRESENT)


def storage(project: Project) -> str:
    return f"sqlite:///{project.root / 'optuna.db'}"


def trials(project: Project) -> list[Any]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        names = optuna.get_all_study_names(storage(project))
        return list(optuna.load_study(study_name=names[0], storage=storage(project)).get_trials(deepcopy=False))
    except (IndexError, KeyError, SQLAlchemyError):  # not made yet, or being made
        return []


def home(project: Project) -> Path:
    """Workspaces of the only study."""
    (folder,) = (path for path in (project.root / ".sweeps").glob("tiny-*") if path.is_dir())
    return folder


def runs(project: Project) -> list[Any]:
    client = MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("style2talker")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], max_results=500))


def artifact(project: Project, name: str) -> str:
    """A file of the study's run."""
    parent = next(run for run in runs(project) if run.data.tags.get("optuna.role") == "study")
    return (Path(parent.info.artifact_uri.removeprefix("file://")) / name).read_text()


def test_a_killed_sweep_is_finished_by_two_others(project: Project) -> None:
    prepare(project, 160)
    before = (project.root / "params.yaml").read_text()
    sweep = (sys.executable, "-m", "flows.sweep", "tiny", "--trials", str(WANTED))
    first = project.popen(*sweep, log=project.root / "first.log")

    def fourth_trains() -> bool:
        known = trials(project)
        ended = [trial for trial in known if trial.state.name in ("COMPLETE", "PRUNED")]
        if len(ended) < 4:
            return False
        return bool(processes(home(project) / f"{len(known) - 1:04d}", STAGE_E))

    wait_for("four trials and a fifth training", fourth_trains, 300, 0.3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed = [trial.number for trial in trials(project) if trial.state.name == "RUNNING"]
    assert len(killed) == 1
    wait_for("all that the killed sweep had started is gone", lambda: not processes(project.root), 10)

    logs = [project.root / "second.log", project.root / "third.log"]
    others = [project.popen(*sweep, log=log) for log in logs]
    assert [other.wait(600) for other in others] == [0, 0], "\n".join(log.read_text()[-2000:] for log in logs)

    known = trials(project)
    states = [trial.state.name for trial in known]
    done = states.count("COMPLETE") + states.count("PRUNED")
    assert WANTED <= done <= WANTED + 2
    assert states.count("RUNNING") == 0
    assert states.count("PRUNED") >= 1
    assert states[killed[0]] == "FAIL"
    again = [trial for trial in known if trial.system_attrs.get("failed_trial") == killed[0]]
    assert again
    assert again[0].params == known[killed[0]].params
    assert len({json.dumps(trial.params) for trial in known}) == len(known) - 1, "only the retry repeats parameters"
    assert not list(home(project).glob("0*")), "workspaces are left over"
    assert known[0].params["train_style_e.lr"] == PRESENT

    check_runs(project, known)
    assert (project.root / "params.yaml").read_text() == before
    output = logs[0].read_text() + logs[1].read_text()
    assert set(re.findall(r"Running stage '(\w+)'", output)) == {"train_style_e"}
    best = min((trial for trial in known if trial.state.name == "COMPLETE"), key=lambda trial: trial.value)
    (project.root / "best.diff").write_text(artifact(project, "params.diff"))
    project.run("git", "apply", "best.diff")
    assert {name: project.get(name) for name in best.params} == best.params


def check_runs(project: Project, known: list[Any]) -> None:
    """One parent with a child for every trial that began, in the trial's state."""
    everyone = runs(project)
    parents = [run for run in everyone if run.data.tags.get("optuna.role") == "study"]
    assert len(parents) == 1
    parent = parents[0]
    assert parent.info.status == "FINISHED"
    begun = [trial for trial in known if trial.state.name != "WAITING"]
    children = [run for run in everyone if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    by_number = {int(run.data.tags["optuna.trial"]): run for run in children}
    assert len(children) == len(by_number) == len(begun)
    for trial in begun:
        run = by_number[trial.number]
        assert run.data.tags["optuna.state"] == trial.state.name
        assert run.info.status == {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAIL": "FAILED"}[trial.state.name]
        assert {name: float(run.data.params[name]) for name in trial.params} == pytest.approx(trial.params)
        if trial.state.name == "COMPLETE":
            assert run.data.metrics["objective/val_loss"] == pytest.approx(trial.value)
            assert run.data.metrics["val_loss"] == pytest.approx(trial.value)
        if trial.state.name == "PRUNED":
            assert "pruned" in run.data.tags["mlflow.runName"]
    folder = Path(parent.info.artifact_uri.removeprefix("file://"))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files >= {"params.diff", "trials.csv", "space.yaml", "plots/history.png", "plots/importance.png"}
    document = YAML(typ="safe").load((folder / "space.yaml").read_text())
    assert document["stage"] == "train_style_e"


@pytest.fixture
def scheduled(project: Project) -> Iterator[Stack]:
    """A stack whose weekly sweep is due every minute."""
    prepare(project, 120)
    yaml = YAML()
    path = project.root / "prefect.yaml"
    document = yaml.load(path.read_text())
    weekly = next(one for one in document["deployments"] if one["name"] == "weekly-style-e")
    weekly["parameters"] = {"space": "tiny", "trials": 4}
    weekly["schedules"] = [{"cron": "* * * * *", "timezone": "UTC", "active": True}]
    document["deployments"] = [weekly]
    with path.open("w") as stream:
        yaml.dump(document, stream)
    study = Sweep(project.root, "tiny", load_space(str(project.root / SPACE_FILE)), trials=4).open()
    study.enqueue_trial({"train_style_e.lr": PRESENT, "train_style_e.velocity_weight": 0.5})
    for rate in (0.002, 0.003, 0.000001):  # the last one hardly moves
        study.enqueue_trial({"train_style_e.lr": rate, "train_style_e.velocity_weight": 0.5})
    stack = Stack(project)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def test_cron_starts_a_sweep_that_prunes(scheduled: Stack) -> None:
    deployment = scheduled.deployment("sweep/weekly-style-e")

    def begun() -> list[dict[str, Any]]:
        return [run for run in scheduled.runs() if run["start_time"] and run["deployment_id"] == deployment["id"]]

    wait_for("cron starts a sweep", begun, 150, 0.5)
    schedule = deployment["schedules"][0]["id"]
    scheduled.ask(f"/deployments/{deployment['id']}/schedules/{schedule}", {"active": False}, "PATCH")
    first = begun()[-1]
    assert first["auto_scheduled"]
    scheduled.wait(first["id"], "COMPLETED", seconds=400)

    client = MlflowClient(scheduled.mlflow)
    experiment = client.get_experiment_by_name("style2talker")
    assert experiment is not None
    everyone = client.search_runs([experiment.experiment_id])
    parent = next(run for run in everyone if run.data.tags.get("optuna.role") == "study")
    children = [run for run in everyone if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    states = sorted(run.data.tags["optuna.state"] for run in children)
    assert states == ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED"]
    pruned = next(run for run in children if run.data.tags["optuna.state"] == "PRUNED")
    assert float(pruned.data.params["train_style_e.lr"]) == 0.000001
    steps = client.get_metric_history(pruned.info.run_id, "val_loss")
    assert steps
    assert max(point.step for point in steps) < 120, "it trained to the end"
    assert parent.data.metrics["trials/pruned"] == 1
    plots = {file.path for file in client.list_artifacts(parent.info.run_id, "plots")}
    assert {"plots/history.png", "plots/importance.png", "plots/intermediate.png"} <= plots


def test_mlflow_gone_half_way_does_not_end_a_sweep(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(Project(toy))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    plan = Sweep(toy, "alone", space(1e-4, 0.3), trials=3)

    def killing(line: str) -> None:
        if line.startswith("trial 0: complete"):
            server.kill()

    server.start()
    try:
        proposal = run_study(plan, False, killing)
        assert proposal.words
        assert not server.answers()
        assert [trial.state.name for trial in plan.open().get_trials()] == ["COMPLETE"] * 3
        with pytest.raises(UserError, match="does not answer"):
            run_study(plan, False, print)
        server.start()
        run_study(plan, False, print)  # enough trials: it only tells what MLflow has missed
        parent, told = children(toy, plan.study)
        assert sorted(told) == [0, 1, 2]
        assert {run.data.tags["optuna.state"] for run in told.values()} == {"COMPLETE"}
        assert parent.info.status == "FINISHED"
        assert parent.data.metrics["trials/complete"] == 3
    finally:
        server.kill()


def test_a_command_whose_trials_all_fail_ends_with_one_line(toy: Path, tmp_path: Path) -> None:
    path = tmp_path / "hopeless.yaml"
    YAML().dump(space(0.5, 1.0).model_dump(mode="json"), path)
    workspace.set_parameters(toy, {"train_style_e.lr": 0.8})
    home = {"PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", "flows.sweep", str(path), "--study", "command", "--trials", "1", "--root", str(toy)],
        cwd=ROOT,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert any(line.startswith("error: 1 trials in a row failed") for line in done.stderr.splitlines())
