"""Sweeps over a toy training in a real DVC project, without a server: real trials, studies and MLflow runs."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import StageError, UserError
from components.common.params import load_params
from components.runner.tracking import runs as tracking
from flows.execution import dvc
from flows.sweep import run_study
from flows.sweeps import optuna_study, study_report
from flows.sweeps.plan import Sweep
from flows.sweeps.space import Space

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
# Learns at once how good a learning rate is; one of 0.4 or more blows up.
TRAINING = """\
import csv, json, math, pathlib, sys, time
from ruamel.yaml import YAML
params = YAML(typ="safe").load(open("params.yaml"))["train_style_e"]
assert pathlib.Path("data/prepared/clips").read_text() == "clips"
if params["lr"] >= 0.4:
    sys.exit("loss is NaN")
loss = abs(math.log10(params["lr"]) + 3)
for name in ("models/style_e", "metrics", "plots"):
    pathlib.Path(name).mkdir(parents=True, exist_ok=True)
rows = []
for step in range(1, 6):
    rows.append((step, loss + 1 / step))
    with open("plots/train_style_e.csv", "w") as stream:
        csv.writer(stream).writerows([("step", "val_loss"), *rows])
    time.sleep(1.5 if loss > 5 else 0)
pathlib.Path("models/style_e/weights").write_text(str(params["lr"]))
json.dump({"val_loss": loss, "speed": params["velocity_weight"]}, open("metrics/train_style_e.json", "w"))
"""
STAGES = """\
stages:
  prepare:
    cmd: mkdir -p data/prepared && printf clips > data/prepared/clips && echo ran >> {log}
    outs: [data/prepared]
  train_style_e:
    cmd: python components/toy.py
    deps: [components/toy.py, data/prepared]
    params: [train_style_e.lr, train_style_e.velocity_weight]
    outs: [models/style_e]
    metrics: [metrics/train_style_e.json: {{cache: false}}]
    plots: [plots/train_style_e.csv: {{cache: false}}]
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("toy")
    (root / "components").mkdir()
    (root / "components" / "toy.py").write_text(TRAINING)
    (root / "dvc.yaml").write_text(STAGES.format(log=root / "data-runs"))
    shutil.copy(ROOT / "params.yaml", root)
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=root, check=True)
    dvc.repro(root, on_line=lambda _: None)
    return root


@pytest.fixture
def toy(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MLFLOW_TRACKING_URI", "OPTUNA_STORAGE", "STYLE2TALKER_TRACKING"):
        monkeypatch.delenv(name, raising=False)
    return trained


def space(low: float, high: float, *objectives: str) -> Space:
    goals = [dict(zip(("metric", "direction"), goal.split(":"), strict=True)) for goal in objectives]
    return Space.model_validate(
        {
            "stage": "train_style_e",
            "objectives": goals or [{"metric": "val_loss", "direction": "minimize"}],
            "report": {"plots": "train_style_e", "column": "val_loss"},
            "parameters": {
                "train_style_e.lr": {"type": "float", "low": low, "high": high, "log": True},
                "train_style_e.velocity_weight": {"type": "float", "low": 0, "high": 1},
            },
        }
    )


def children(root: Path, study: str) -> tuple[Any, dict[int, Any]]:
    """The study's only parent run, and trial number -> its run."""
    client, experiment = tracking.connect(root)
    everyone = client.search_runs([experiment])
    parent = next(r for r in everyone if r.data.tags.get("optuna.study") == study and "optuna.role" in r.data.tags)
    below = [r for r in everyone if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    return parent, {int(run.data.tags["optuna.trial"]): run for run in below}


def artifacts(run: Any) -> dict[str, Path]:
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_two_workers_find_the_best_and_nothing_is_overwritten(toy: Path) -> None:
    before = (toy / "params.yaml").read_text()
    plan = Sweep(toy, "pair", space(1e-9, 0.3), trials=4, workers=2)
    proposal = run_study(plan, False, lambda _: None)
    trials = plan.open().get_trials()
    assert 4 <= len(trials) <= 5
    assert len({trial.params["train_style_e.lr"] for trial in trials}) == len(trials)
    best = min((trial for trial in trials if trial.values), key=lambda trial: trial.value)
    assert (toy / "params.yaml").read_text() == before
    added = [line.partition("#")[0].rstrip() for line in proposal.diff.splitlines()]
    assert f"+  lr: {best.params['train_style_e.lr']}" in added
    assert (toy / "data-runs").read_text() == "ran\n", "the data stage ran again"
    assert not list(plan.home.glob("0*"))

    parent, runs = children(toy, "pair")
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["trials/complete"] + parent.data.metrics["trials/pruned"] == len(trials)
    assert sorted(runs) == [trial.number for trial in trials]
    assert runs[best.number].data.metrics["objective/val_loss"] == pytest.approx(best.value)
    files = artifacts(parent)
    assert files["params.diff"].read_text() == proposal.diff
    assert {
        "plots/overview.png",
        "plots/history.png",
        "plots/importance.png",
        "plots/parallel.png",
        "plots/intermediate.png",
    } <= set(files)
    with files["trials.csv"].open() as stream:
        assert [int(row["trial"]) for row in csv.DictReader(stream)] == sorted(runs)

    again = run_study(plan, True, lambda _: None)  # enough trials: it only applies
    assert again.diff == proposal.diff
    assert load_params(toy / "params.yaml").train_style_e.lr == best.params["train_style_e.lr"]
    (toy / "params.yaml").write_text(before)
    assert len(plan.open().get_trials()) == len(trials)
    assert children(toy, "pair")[0].info.run_id == parent.info.run_id


def test_a_hopeless_trial_is_pruned_and_a_failed_one_does_not_end_the_sweep(toy: Path) -> None:
    plan = Sweep(toy, "mixed", space(1e-9, 0.9), trials=4)
    study = plan.open()
    for rate in (1e-3, 0.8, 2e-3, 3e-3, 1e-9):
        study.enqueue_trial({"train_style_e.lr": rate, "train_style_e.velocity_weight": 0.5})
    run_study(plan, False, lambda _: None)
    states = [trial.state.name for trial in study.get_trials()]
    assert states == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "PRUNED"]
    runs = children(toy, "mixed")[1]
    assert [runs[number].data.tags["optuna.state"] for number in range(5)] == states
    pruned, failed = runs[4], runs[1]
    assert pruned.info.status == "KILLED"
    assert pruned.data.tags["mlflow.runName"].startswith("trial 4 (pruned at step ")
    assert pruned.data.params["train_style_e.lr"] == "1e-09"
    assert failed.info.status == "FAILED"
    assert "dvc" in failed.data.tags["error"]


def test_no_trial_starts_after_the_time_is_up(toy: Path) -> None:
    plan = Sweep(toy, "late", space(1e-4, 1e-2), trials=2, timeout=0)
    with pytest.raises(UserError, match="no complete trial yet"):
        run_study(plan, False, lambda _: None)
    assert plan.open().get_trials() == []


def test_a_sweep_that_only_fails_says_so_in_one_line(toy: Path) -> None:
    plan = Sweep(toy, "hopeless", space(0.5, 1.0), trials=2)
    with pytest.raises(StageError, match="2 trials in a row failed, the last because") as caught:
        run_study(plan, False, lambda _: None)
    assert "\n" not in str(caught.value)
    assert not list(plan.home.glob("0*"))
    assert children(toy, "hopeless")[0].info.status == "FAILED"


def test_two_objectives_give_a_front(toy: Path) -> None:
    plan = Sweep(toy, "front", space(1e-6, 0.3, "val_loss:minimize", "speed:maximize"), trials=3)
    proposal = run_study(plan, False, lambda _: None)
    study = plan.open()
    front = {trial.number for trial in optuna_study.front(study)}
    files = artifacts(children(toy, "front")[0])
    with files["pareto.csv"].open() as stream:
        assert {int(row["trial"]) for row in csv.DictReader(stream)} == front
    assert "plots/pareto_front.png" in files
    assert optuna_study.best(study).number in front
    assert proposal.diff == study_report.propose(toy, optuna_study.best(study).params, write=False)
    with pytest.raises(UserError, match="name a new one with --study"):
        Sweep(toy, "front", space(1e-6, 0.3), trials=3).open()


def test_a_metric_that_does_not_exist_is_the_users_mistake(toy: Path) -> None:
    plan = Sweep(toy, "mistake", space(1e-3, 1e-2, "beauty:maximize"), trials=2)
    with pytest.raises(UserError, match="lack beauty; there are: speed, val_loss"):
        run_study(plan, False, lambda _: None)


def test_an_untrained_stage_cannot_be_searched(toy: Path) -> None:
    other_stage = space(1e-3, 1e-2).model_copy(update={"stage": "train_style_a"})
    with pytest.raises(UserError, match="never run here"):
        run_study(Sweep(toy, "untrained", other_stage, trials=1), False, lambda _: None)


def test_help_names_the_spaces() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "flows.sweep", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "style_a, style_e" in process.stdout
