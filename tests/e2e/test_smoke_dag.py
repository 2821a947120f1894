"""The whole pipeline at toy size through real `dvc repro`: cold, unchanged, one parameter changed and back, forced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project import DATA_OUTS, FIRST, Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def workspace(finished_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One copy for the tests of this module, which build on each other."""
    return finished_project.copy(tmp_path_factory.mktemp("smoke") / "project")


def test_the_cold_run_makes_everything(workspace: Project) -> None:
    first = json.loads((workspace.root / FIRST).read_text())
    assert len(first["ran"]) == 7
    assert not first["cached"]
    assert set(workspace.hashes()) == set(DATA_OUTS)
    assert json.loads((workspace.root / "metrics" / "evaluate.json").read_text())
    assert "<video" in (workspace.root / "reports" / "index.html").read_text()
    assert (workspace.root / "mlflow.db").is_file()


def test_a_second_run_does_nothing(workspace: Project) -> None:
    assert workspace.repro() == (set(), set())


def test_a_learning_rate_reruns_its_training_alone_and_comes_back_from_the_cache(workspace: Project) -> None:
    before = workspace.hashes()
    rate = workspace.get("train_style_e.lr")
    workspace.set("train_style_e.lr", rate / 2)
    ran, cached = workspace.repro()
    assert ran == {"train_style_e", "evaluate"}
    assert not cached
    assert workspace.hashes()["models/style_e"] != before["models/style_e"]
    workspace.set("train_style_e.lr", rate)
    ran, cached = workspace.repro()
    assert not ran
    assert cached == {"train_style_e", "evaluate"}
    assert workspace.hashes() == before


def test_footage_that_is_not_read_changes_nothing(workspace: Project) -> None:
    """The embedded corpus has none."""
    new = workspace.root / "footage" / "new.mp4"
    new.write_bytes(b"another video")
    assert workspace.repro() == (set(), set())
    new.unlink()


def remark(path: Path) -> None:
    """An edit that changes no byte of any output."""
    path.write_text(path.read_text() + "\n# A remark.\n")


def test_an_edit_of_the_tracking_code_reruns_nothing(workspace: Project) -> None:
    for path in sorted((workspace.root / "components" / "runner").rglob("*.py")):
        remark(path)
    assert workspace.repro() == (set(), set())


def test_an_edit_of_a_hair_style_reruns_what_renders_heads(workspace: Project) -> None:
    before = workspace.hashes()
    remark(workspace.root / "components" / "synthetic" / "head" / "hair.py")
    assert workspace.repro() == ({"prepare", "fit_regressor"}, set())
    assert workspace.hashes() == before


def test_forced_runs_give_the_same_bytes(workspace: Project) -> None:
    """A cold run, in another folder, and a forced one."""
    before = workspace.hashes()
    ran, _ = workspace.repro("--force")
    assert len(ran) == 7
    assert workspace.hashes() == before


def test_metrics_and_plots_are_useful(workspace: Project) -> None:
    shown = json.loads(workspace.run("dvc", "metrics", "show", "--json"))
    assert {Path(name).stem for name in shown[""]["data"]} >= {"prepare", "train_style_e", "train_style_a", "evaluate"}
    workspace.run("dvc", "plots", "show", "-o", "plots-html")
    assert (workspace.root / "plots-html" / "index.html").is_file()
