"""Promotion on bad nights: worse, equal, better challengers, a flipped byte, rollback, the way back from an alias.

The projects and models are real, at smoke size; only the challengers' evaluations are written by the tests.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from components.runner.dvc_cache import tree_hash
from components.runner.dvc_lock import DvcLock
from tests.chaos.promotions import AIM, MODEL, aliases, artifact, challenge, champion_run, client, promote
from tests.chaos.tools import no_traceback
from tests.project import Project

pytestmark = pytest.mark.timeout(1500)


def flip_a_byte(path: Path) -> None:
    path.chmod(0o644)
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(bytes(stored))


def cached_file(project: Project, path: str, name: str) -> Path:
    """The object in DVC's cache that a file of a tracked folder is made from."""
    objects = project.root / ".dvc" / "cache" / "files" / "md5"
    md5 = DvcLock.read(project.root).outs[path]
    entries = json.loads((objects / md5[:2] / md5[2:]).read_text())
    wanted = next(entry["md5"] for entry in entries if entry["relpath"].endswith(name))
    return objects / wanted[:2] / wanted[2:]


def one_line(text: str) -> str:
    """The error's line; there is exactly one, and no traceback."""
    no_traceback(text)
    (line,) = [line for line in text.splitlines() if line.startswith("error:")]
    return line


@pytest.mark.slow
def test_the_first_model_becomes_champion_and_a_flipped_byte_does_not(project: Project, tmp_path: Path) -> None:
    code, text = promote(project)
    assert code == 0, text
    assert text.splitlines()[-2].startswith("first:")
    assert aliases(project) == {"champion": 1}
    version = client(project).get_model_version_by_alias(MODEL, "champion")
    locked = DvcLock.read(project.root).outs
    for path in ("models/regressor", "models/style_e", "models/style_a"):
        assert version.tags[f"dvc.md5.{path}"] == locked[path]
    assert version.tags["dvc.lock.md5"] == hashlib.md5((project.root / "dvc.lock").read_bytes()).hexdigest()
    assert version.tags["git.commit"] == project.run("git", "rev-parse", "HEAD").strip()
    for word in ("Not for", "Evaluation set", "95 % interval", "dvc.lock", "Lips obey"):
        assert word in version.description
    decision = json.loads(artifact(project, version.run_id, "decision/decision.json", tmp_path).read_text())
    assert decision["outcome"] == "first"
    assert champion_run(project).data.tags["decision"] == "first"

    challenge(project, +1.0)
    for place in ("the cache", "the workspace"):
        target = project.root / "models" / "style_e" / "model_index.json"
        broken = cached_file(project, "models/style_e", "model_index.json") if place == "the cache" else target
        good = broken.read_bytes()
        flip_a_byte(broken)
        code, text = promote(project)
        assert code != 0
        assert "hash mismatch: models/style_e" in one_line(text)
        broken.write_bytes(good)
    assert aliases(project) == {"champion": 1}


@pytest.mark.chaos
def test_worse_equal_and_better_challengers_and_rollback(project: Project, tmp_path: Path) -> None:
    assert promote(project)[0] == 0
    first = champion_run(project).info.run_id

    code, text = promote(project)
    assert (code, "champion already" in text) == (0, True)

    challenge(project, -2.0)
    code, text = promote(project)
    assert code == 0, text
    assert "logged anew" in text  # the lineage named a run of another store
    assert "kept: " in text
    assert "worse by more than" in text
    challenge(project, +2.0)  # as good as the champion again, with other bytes
    code, text = promote(project)
    assert (code, "kept: no primary metric" in text) == (0, True)
    assert aliases(project) == {"champion": 1}
    assert champion_run(project).info.run_id == first

    challenge(project, +2.0)
    code, text = promote(project, "--dry-run")
    assert (code, "promoted: dry run" in text) == (0, True)
    assert aliases(project) == {"champion": 1}
    code, text = promote(project)
    assert code == 0, text
    assert "promoted: " in text
    assert aliases(project) == {"champion": 2, "previous": 1}
    run = champion_run(project)
    assert run.data.tags["decision"] == "promoted"
    assert AIM in run.data.tags["decision.summary"]
    assert run.data.metrics[f"gate/{AIM}"] == pytest.approx(2.0, abs=1e-3)
    decision = json.loads(artifact(project, run.info.run_id, "decision/decision.json", tmp_path).read_text())
    verdict = next(v for v in decision["verdicts"] if v["metric"] == AIM and v["state"] == "reached")
    assert verdict["gain"]["low"] > 1.9

    code, text = promote(project, "--rollback")
    assert code == 0, text
    assert "in this very environment" in text
    assert aliases(project) == {"champion": 1, "previous": 2}
    check = str(project.root / "flows" / "promotion" / "model_check.py")
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{project.root}/mlflow.db"}
    done = project.completed(sys.executable, "-P", check, f"models:/{MODEL}@champion", env=store)
    assert (done.returncode, "1 answer" in done.stdout) == (0, True), done.stdout

    code, text = promote(project)  # the next night comes to the same bytes
    assert (code, "kept: these very models are version 2, rolled back by " in text) == (0, True), text
    assert aliases(project) == {"champion": 1, "previous": 2}
    client(project).set_model_version_tag(MODEL, "2", "answered.environment", "another machine's")
    code, text = promote(project, "--rollback", "--again")
    assert code == 0, text
    assert "loads and answers" in text
    assert aliases(project) == {"champion": 2, "previous": 1}
    for back in (1, 2):  # version 2 has answered here meanwhile
        code, text = promote(project, "--rollback", "--again")
        assert (code, "in this very environment" in text) == (0, True)
        assert aliases(project)["champion"] == back
    broken = next((project.root / "mlartifacts" / "models").rglob("artifacts/style_e/model_index.json"))
    for path in (project.root / "mlartifacts" / "models").rglob("artifacts/style_e/model_index.json"):
        flip_a_byte(path)
    assert broken.is_file()
    code, text = promote(project, "--rollback", "--again")
    assert code != 0
    assert "hash mismatch" in one_line(text)
    assert aliases(project) == {"champion": 2, "previous": 1}


@pytest.mark.chaos
def test_another_evaluation_set_measures_the_champion_again(project: Project) -> None:
    assert promote(project)[0] == 0
    project.set("evaluate.sentences", 5)
    project.repro("evaluate")
    challenge(project, +2.0)
    code, text = promote(project)
    assert code == 0, text
    assert "measured on another set; measuring it" in text
    assert "promoted: " in text
    assert aliases(project) == {"champion": 2, "previous": 1}
    assert not list((project.root / ".sweeps").rglob("models"))

    challenge(project, -0.5)
    code, text = promote(project, "--bounds-only")
    assert code == 0, text
    assert "promoted: the bounds are met; not compared with version 2" in text
    assert aliases(project) == {"champion": 3, "previous": 2}


@pytest.mark.chaos
def test_changed_code_or_parameters_refuse(project: Project) -> None:
    code_file = project.root / "components" / "style_e" / "losses.py"
    good = code_file.read_text()
    code_file.write_text(good + "# another thought\n")
    code, text = promote(project)
    assert (code, "has changed since the models were made" in one_line(text)) == (2, True)
    code_file.write_text(good)
    project.set("train_style_e.lr", 0.5)
    code, text = promote(project)
    assert (code, "params.yaml: train_style_e" in one_line(text)) == (2, True)


@pytest.mark.chaos
def test_the_alias_alone_brings_code_parameters_and_data_back(project: Project, tmp_path: Path) -> None:
    """Promoted from a tree with uncommitted changes, restored after everything has changed."""
    readme = project.root / "profiles" / "mine.yaml"
    readme.write_text("runtime: {seed: 1}\n")  # new and uncommitted
    assert promote(project)[0] == 0
    locked = DvcLock.read(project.root).outs
    commit = project.run("git", "rev-parse", "HEAD").strip()
    parameters = (project.root / "params.yaml").read_text()
    project.set("train_style_e.steps", 999)
    (project.root / "components" / "style_e" / "losses.py").write_text("")
    readme.unlink()
    project.run("rm", "-rf", "models", "data", "reports", "dvc.lock")
    project.commit("Break everything")

    into = tmp_path / "champion"
    text = project.run(sys.executable, "-m", "flows.restore", "--alias", "champion", "--into", str(into))
    assert "code and parameters have the hashes" in text
    restored = Project(into)
    assert restored.run("git", "rev-parse", "HEAD").strip() == commit
    assert DvcLock.read(into).outs == locked
    for path in ("models/regressor", "models/style_e", "models/style_a", "data/prepared", "reports"):
        assert tree_hash(into / path) == locked[path]
    assert (into / "params.yaml").read_text() == parameters
    assert (into / "profiles" / "mine.yaml").read_text() == "runtime: {seed: 1}\n"
    assert restored.repro() == (set(), set())

    again = project.completed(sys.executable, "-m", "flows.restore", "--into", str(into))
    assert (again.returncode, "not empty" in one_line(again.stdout)) == (2, True)
    flip_a_byte(next((project.root / ".dvc" / "cache").glob(f"files/md5/{locked['models/style_e'][:2]}/*.dir")))
    other = project.completed(sys.executable, "-m", "flows.restore", "--into", str(tmp_path / "other"))
    assert other.returncode != 0
    assert one_line(other.stdout)
    assert not (tmp_path / "other").exists()
