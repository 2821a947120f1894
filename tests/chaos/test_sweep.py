"""Sweeps on a bad night: killed in the middle and resumed by two workers; started by cron; MLflow gone half-way."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

WANTED = 12
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
    """A search space, and trainings of some seconds with many reports."""
    (project.root / "flows" / "spaces" / "tiny.yaml").write_text(SPACE)
    project.set("train_style_e.steps", steps)
    project.set("train_style_e.log_every", 4)


def trials(project: Project) -> list[Any]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = f"sqlite:///{project.root / 'optuna.db'}"
    try:
        return list(optuna.load_study(study_name="tiny", storage=storage).get_trials(deepcopy=False))
    except (KeyError, Exception):  # not made yet, or being made
        return []


def wait_for(what: Callable[[], bool], seconds: float, why: str) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"{why} within {seconds:.0f} s"
        time.sleep(0.3)


def processes_below(folder: Path) -> list[str]:
    """Command lines of live processes that work in the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(entry / "cwd")).is_relative_to(folder):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line]


def runs(project: Project) -> list[Any]:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("style2talker")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], max_results=500))


def test_a_killed_sweep_is_finished_by_two_others(project: Project) -> None:
    prepare(project, 160)
    before = (project.root / "params.yaml").read_text()
    sweep = (sys.executable, "-m", "flows.sweep", "tiny", "--trials", str(WANTED))
    first = project.popen(*sweep, log=project.root / "first.log")

    def fourth_trains() -> bool:
        known = trials(project)
        ended = [trial for trial in known if trial.state.name in ("COMPLETE", "PRUNED")]
        folder = project.root / ".sweeps" / "tiny" / f"{len(known) - 1:04d}"
        return len(ended) >= 4 and any("style_e.stage" in line for line in processes_below(folder))

    wait_for(fourth_trains, 300, "four trials and a fifth training")
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed = [trial.number for trial in trials(project) if trial.state.name == "RUNNING"]
    assert len(killed) == 1
    wait_for(lambda: not processes_below(project.root / ".sweeps"), 5, "the killed sweep's trainings are gone")

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
    assert not list((project.root / ".sweeps" / "tiny").glob("0*")), "workspaces are left over"

    check_runs(project, known)
    assert (project.root / "params.yaml").read_text() == before
    output = logs[0].read_text() + logs[1].read_text()
    assert set(re.findall(r"Running stage '(\w+)'", output)) == {"train_style_e"}
    best = min((t for t in known if t.state.name == "COMPLETE"), key=lambda trial: trial.value)
    for name, value in best.params.items():
        assert f"+  {name.split('.')[1]}: {value!r}" in output.replace("e-0", "e-0")


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
