"""Mistakes of a sweep are said in one line each, before anything is trained, made or asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from flows.execution import workspace
from flows.sweeps.plan import Sweep
from flows.sweeps.space import Space, load_space, names
from flows.sweeps.sweep_check import check
from tests.project import ROOT

STAGES = """\
stages:
  prepare: {cmd: "true", outs: [data/prepared]}
  train_style_a: {cmd: "true", outs: [models/style_a]}
  train_style_e:
    cmd: "true"
    deps: [components, data/prepared]
    params: [train_style_e, runtime.seed]
    outs: [models/style_e]
  evaluate: {cmd: "true", deps: [components, models/style_e, models/style_a], params: [evaluate]}
  annotate: {cmd: "true", params: [annotate]}
"""
LOCK = """\
stages:
  prepare: {outs: [{path: data/prepared, md5: aa11.dir}]}
  train_style_a: {outs: [{path: models/style_a, md5: bb22.dir}]}
  train_style_e: {deps: [{path: data/prepared, md5: aa11.dir}], outs: [{path: models/style_e, md5: cc33.dir}]}
  evaluate: {deps: [{path: models/style_a, md5: bb22.dir}], outs: []}
"""
CACHED = ("aa/11.dir", "bb/22.dir", "cc/33.dir")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has trained, as far as its files say."""
    for name in ("components", "evaluation", "metrics", "plots", ".dvc"):
        (tmp_path / name).mkdir()
    (tmp_path / "components" / "code.py").write_text("1\n")
    (tmp_path / "dvc.yaml").write_text(STAGES)
    (tmp_path / "dvc.lock").write_text(LOCK)
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "metrics" / "train_style_e.json").write_text('{"val_loss": 0.5, "r_jaw_val": 0.8}')
    (tmp_path / "plots" / "train_style_e.csv").write_text("step,loss,val_loss,val_error\n")
    (tmp_path / ".dvc" / "config").write_text("[core]\n    no_scm = True\n    analytics = false\n")
    for name in CACHED:
        path = tmp_path / ".dvc" / "cache" / "files" / "md5" / name
        path.parent.mkdir(parents=True)
        path.write_text("[]")
    workspace.cache.cache_clear()
    return tmp_path


def space(**changes: Any) -> Space:
    document: dict[str, Any] = {
        "stage": "train_style_e",
        "objectives": [{"metric": "val_loss", "direction": "minimize"}],
        "parameters": {"train_style_e.lr": {"type": "float", "low": 0.0003, "high": 0.01, "log": True}},
    }
    return Space.model_validate(document | changes)


def searching(name: str, **bounds: Any) -> Space:
    return space(parameters={name: {"type": "float", "low": 0.1, "high": 0.5} | bounds})


def aiming(metric: str, direction: str = "maximize", score: Any = None) -> Space:
    return space(objectives=[{"metric": metric, "direction": direction}], score=score or {})


LIPS = {"style_e/lip_gap_correlation": {"direction": "maximize", "point": 0.1}}
MISTAKES = [
    (
        aiming("val_los"),
        "metrics of train_style_e lack val_los (did you mean val_loss?); there are: r_jaw_val, val_loss",
    ),
    (aiming("talker/psnr"), "metrics of train_style_e lack talker/psnr"),
    (aiming("score"), "needs a section `score:`"),
    (
        aiming("score", score={"style_e/lip_gap": LIPS["style_e/lip_gap_correlation"]}),
        "mean style_e/lip_gap_correlation?",
    ),
    (aiming("score", score={"style_a/ssim": {"direction": "maximize", "point": 1}}), "changes no figure style_a/ssim"),
    (aiming("score", score={"style_e/jitter_ratio": {"direction": "maximize", "point": 1}}), "is the reverse"),
    (aiming("score", "minimize", LIPS), "points are good"),
    (aiming("style_e/lip_gap_correlation", "minimize", LIPS), "the objective says minimize, the score maximize"),
    (space(objectives=[{"metric": "val_loss", "direction": "minimize"}] * 2), "named twice"),
    (searching("train_style_e.rl"), "no parameter train_style_e.rl (did you mean train_style_e.lr?)"),
    (searching("train_style_a.ema"), "changes nothing in stage train_style_e"),
    (searching("train_style_e.text_dropout", high=1.5), "train_style_e.text_dropout"),
    (searching("train_style_e.steps"), "is a whole number (900 now); its range has type: int"),
    (searching("train_style_e.text_encoder"), "type: categorical"),
    (searching("train_style_e.text_encoder", type="categorical", low=0, high=0, choices=["clip", "glove"]), "glove"),
    (space(stage="train_style_q"), "no stage train_style_q (did you mean train_style_"),
    (space(stage="annotate", parameters={"annotate.keep": {"type": "int", "low": 2, "high": 5}}), "was never run here"),
    (space(report={"plots": "train_style_f", "column": "val_loss"}), "report: there is no "),
    (space(report={"plots": "train_style_e", "column": "val_eror"}), "no column val_eror (did you mean val_error?)"),
    (space(first=[{"train_style_e.ema": 0.9}]), "is not among the parameters"),
    (space(first=[{"train_style_e.lr": -1}]), "search space, first.0: train_style_e.lr"),
]


@pytest.mark.parametrize(("mistaken", "message"), MISTAKES, ids=[message[:40] for _, message in MISTAKES])
def test_a_mistake_is_said_before_anything_begins(project: Path, mistaken: Space, message: str) -> None:
    before = sorted(project.rglob("*"))
    with pytest.raises(UserError) as caught:
        check(Sweep(project, "mine", mistaken, trials=1))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"trials": 0}, "--trials must be at least 1"),
        ({"trials": None}, "needs an end"),
        ({"workers": 0}, "--workers must be at least 1"),
        ({"timeout": 0.0}, "--timeout"),
        ({"timeout": float("nan")}, "--timeout"),
        ({"name": "../elsewhere"}, "a study's name"),
        ({"name": ""}, "a study's name"),
    ],
)
def test_a_budget_or_a_name_that_will_not_do(project: Path, plan: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check(Sweep(**{"root": project, "name": "mine", "space": space(), "trials": 1} | plan))


def test_what_is_right_passes(project: Path) -> None:
    check(Sweep(project, "mine", space(), trials=1))
    check(Sweep(project, "mine", aiming("score", score=LIPS), trials=None, timeout=60))
    shown = {"plots": "train_style_e", "column": "val_error", "direction": "minimize"}
    check(Sweep(project, "mine", aiming("score", score=LIPS).model_copy(update={"report": None}), trials=1))
    check(Sweep(project, "mine", space(report=shown, first=[{"train_style_e.lr": 0.02}]), trials=1))


def test_data_that_no_workspace_could_get_is_said_at_once(project: Path) -> None:
    """A fresh clone has `dvc.lock` and metrics, but neither data nor models."""
    (project / ".dvc" / "cache" / "files" / "md5" / "aa" / "11.dir").unlink()
    with pytest.raises(UserError, match=r"cache lacks data/prepared; run `dvc repro` once, or `dvc pull`"):
        check(Sweep(project, "mine", space(), trials=1))
    (project / "metrics" / "train_style_e.json").unlink()
    with pytest.raises(UserError, match="run `dvc repro` once"):
        check(Sweep(project, "mine", space(), trials=1))


@pytest.mark.parametrize("name", names())
def test_the_projects_own_spaces_aim_at_figures_there_are(name: str) -> None:
    """In their directions, with parameters of their stage; metrics and plots are those of the demo."""
    from flows.sweeps import sweep_check

    sweep = Sweep(ROOT, name, load_space(name), trials=1)
    sweep_check._parameters(sweep)
    sweep_check._score(sweep)
    sweep_check._objectives(sweep)
