"""Sweeps over a toy training in a real DVC project, without a server: real trials, studies and MLflow runs."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import StageError, UserError
from components.common.params import load_params
from components.runner.tracking import runs as tracking
from flows import sweep
from flows.execution import dvc, workspace
from flows.sweep import run_study
from flows.sweeps import optuna_study
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
    workspace.set_parameters(root, {"train_style_e.lr": 0.1})  # far from the best, 0.001
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
    assert trials[0].params == plan.present
    assert proposal.words.startswith("better than now by ")
    assert len({trial.params["train_style_e.lr"] for trial in trials}) == len(trials)
    best = min((trial for trial in trials if trial.values), key=lambda trial: trial.value)
    assert (toy / "params.yaml").read_text() == before
    added = [line.partition("#")[0].rstrip() for line in proposal.diff.splitlines()]
    assert f"+  lr: {best.params['train_style_e.lr']}" in added
    assert (toy / "data-runs").read_text() == "ran\n", "the data stage ran again"
    assert not list(plan.home.glob("0*"))

    parent, runs = children(toy, plan.study)
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
    assert len(plan.open().get_trials()) == len(trials)
    assert children(toy, plan.study)[0].info.run_id == parent.info.run_id
    best_now = replace(plan)
    satisfied = run_study(best_now, True, lambda _: None)  # the present parameters are the best of the study
    assert satisfied.words.startswith("nothing better than now")
    assert satisfied.diff == ""
    (toy / "params.yaml").write_text(before)


def test_a_search_that_finds_nothing_better_writes_nothing(toy: Path) -> None:
    """The present parameters are the optimum: the best of the others was recommended once, and written."""
    before = (toy / "params.yaml").read_text()
    workspace.set_parameters(toy, {"train_style_e.lr": 0.001})
    present = (toy / "params.yaml").read_text()
    try:
        plan = Sweep(toy, "satisfied", space(0.003, 0.3), trials=3)
        lines: list[str] = []
        proposal = run_study(plan, True, lines.append)
        assert proposal.words.startswith("nothing better than now: the best other trial, ")
        assert proposal.diff == ""
        assert (toy / "params.yaml").read_text() == present
        parent, runs = children(toy, plan.study)
        assert parent.data.metrics["now/val_loss"] == 0
        assert parent.data.metrics["best/val_loss"] > 0
        assert "params.diff" not in artifacts(parent)
        assert runs[0].data.params["train_style_e.lr"] == "0.001", "outside the space, and tried all the same"
        told = [line for line in lines if line.startswith("sweep: ")]
        assert len(told) == 3
        assert told[0].startswith("sweep: 1 of 3 trials; best so far now: val_loss 0 (+0); about ")
        assert told[-1].endswith("; about 0 s left")
    finally:
        (toy / "params.yaml").write_text(before)


def test_changed_code_begins_another_study(toy: Path) -> None:
    code = toy / "components" / "toy.py"
    old = Sweep(toy, "twice", space(1e-4, 0.3), trials=1)
    run_study(old, False, lambda _: None)
    try:
        code.write_text(TRAINING.replace("+ 3)", "+ 2)"))
        new = Sweep(toy, "twice", space(1e-4, 0.3), trials=1)
        lines: list[str] = []
        run_study(new, False, lines.append)
        assert new.study != old.study
        assert f"those of {old.study}" in lines[0]
        assert [len(plan.open().get_trials()) for plan in (old, new)] == [1, 1]
        assert new.open().get_trials()[0].value == pytest.approx(1.0)
        with pytest.raises(UserError, match="have changed during the sweep"):
            run_study(replace_identity(old), False, lambda _: None)
    finally:
        code.write_text(TRAINING)


def replace_identity(plan: Sweep) -> Sweep:
    """The plan of a sweep that began under another code, with more trials to do."""
    later = replace(plan, trials=2)
    later.__dict__["identity"] = plan.identity
    return later


def test_a_hopeless_trial_is_pruned_and_a_failed_one_does_not_end_the_sweep(toy: Path) -> None:
    plan = Sweep(toy, "mixed", space(1e-9, 0.9), trials=5)
    study = plan.open()
    for rate in (1e-3, 0.8, 2e-3, 3e-3, 1e-9):
        study.enqueue_trial({"train_style_e.lr": rate, "train_style_e.velocity_weight": 0.5})
    run_study(plan, False, lambda _: None)
    states = [trial.state.name for trial in study.get_trials()]
    assert states == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"]
    runs = children(toy, plan.study)[1]
    assert [runs[number].data.tags["optuna.state"] for number in range(6)] == states
    pruned, failed = runs[4], runs[1]
    assert pruned.info.status == "KILLED"
    assert pruned.data.tags["mlflow.runName"].startswith("trial 4 (pruned at step ")
    assert pruned.data.params["train_style_e.lr"] == "1e-09"
    assert failed.info.status == "FAILED"
    assert "dvc" in failed.data.tags["error"]


def test_no_trial_starts_after_the_time_is_up(toy: Path) -> None:
    plan = Sweep(toy, "late", space(1e-4, 1e-2), trials=2, timeout=1e-9)
    assert "were not measured" in run_study(plan, True, lambda _: None).words
    assert [trial.state.name for trial in plan.open().get_trials()] == ["WAITING"]


def test_a_sweep_that_only_fails_says_so_in_one_line(toy: Path) -> None:
    before = (toy / "params.yaml").read_text()
    workspace.set_parameters(toy, {"train_style_e.lr": 0.8})
    try:
        plan = Sweep(toy, "hopeless", space(0.5, 1.0), trials=2)
        with pytest.raises(StageError, match="2 trials in a row failed, the last because") as caught:
            run_study(plan, False, lambda _: None)
        assert "\n" not in str(caught.value)
        assert not list(plan.home.glob("0*"))
        assert children(toy, plan.study)[0].info.status == "FAILED"
    finally:
        (toy / "params.yaml").write_text(before)


def test_two_objectives_give_a_front(toy: Path) -> None:
    plan = Sweep(toy, "front", space(1e-6, 0.3, "val_loss:minimize", "speed:maximize"), trials=3)
    plan.open().enqueue_trial({"train_style_e.lr": 0.001, "train_style_e.velocity_weight": 0.75})
    proposal = run_study(plan, False, lambda _: None)
    study = plan.open()
    front = {trial.number for trial in optuna_study.front(study)}
    files = artifacts(children(toy, plan.study)[0])
    with files["pareto.csv"].open() as stream:
        assert {int(row["trial"]) for row in csv.DictReader(stream)} == front
    assert "plots/pareto_front.png" in files
    assert proposal.words.startswith("better than now by 2 in val_loss, 0.")
    with pytest.raises(UserError, match="name a new one with --study"):
        Sweep(toy, "front", space(1e-6, 0.3), trials=3).open()


@pytest.mark.parametrize(
    ("text", "seconds"), [("2h", 7200), ("90m", 5400), ("45s", 45), ("1.5h", 5400), (" 2h ", 7200)]
)
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert sweep.seconds(text) == seconds


@pytest.mark.parametrize("text", ["2", "h", "two hours", "-1h", "2d", "1h30m", ""])
def test_a_time_without_one_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="give a time with its unit"):
        sweep.seconds(text)


def test_the_time_is_the_end_where_no_number_is_given() -> None:
    def plan(trials: int | None, timeout: str) -> Sweep:
        return sweep.make_plan("style_e", trials, "", ".", 1, timeout, None)

    ends = [(one.trials, one.timeout) for one in (plan(None, ""), plan(None, "2h"), plan(5, "2h"), plan(5, ""))]
    assert ends == [(12, None), (None, 7200), (5, 7200), (5, None)]


def test_an_untrained_stage_cannot_be_searched(toy: Path) -> None:
    other_stage = space(1e-3, 1e-2).model_copy(update={"stage": "train_style_a"})
    with pytest.raises(UserError, match=r"no stage train_style_a .*train_style_e"):
        run_study(Sweep(toy, "untrained", other_stage, trials=1), False, lambda _: None)


def test_help_names_the_spaces() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "flows.sweep", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "style_a, style_e" in process.stdout
