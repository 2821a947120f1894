"""The whole pipeline at toy size through real `dvc repro`: cold, unchanged, one parameter changed, and back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COPIED = ("components", "evaluation", "flows", "profiles", "params.yaml", "dvc.yaml", ".dvcignore", "constraints.txt")
DATA_OUTS = (
    "data/prepared",
    "data/coefficients",
    "data/annotations",
    "models/regressor",
    "models/style_e",
    "models/style_a",
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


class Workspace:
    """A copy of the project in its own git and DVC repository, at smoke size."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        (root / ".gitignore").write_text("/data\n/models\n/lineage\n/reports\nmlflow.db\nmlartifacts\n")
        # The console scripts of the running interpreter, for `python` and `dvc` inside stages.
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "DVC_NO_ANALYTICS": "1",
        }
        self.environment.pop("MLFLOW_TRACKING_URI", None)
        self.run("git", "init", "-q")
        self.run("dvc", "init", "-q")
        self.run(sys.executable, "-m", "components.common.profiles", "apply", "smoke")

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def repro(self, *arguments: str) -> tuple[set[str], set[str]]:
        """Run `dvc repro`; the stages that ran, and those restored from the run-cache."""
        lines = self.run("dvc", "repro", *arguments).splitlines()
        ran = {line.split("'")[1] for line in lines if line.startswith("Running stage '")}
        cached = {line.split("'")[1] for line in lines if "is cached - skipping run" in line}
        return ran, cached

    def hashes(self) -> dict[str, str]:
        lock = YAML(typ="safe").load((self.root / "dvc.lock").read_text())
        outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
        return {out["path"]: out["md5"] for out in outs if out["path"] in DATA_OUTS}

    def set_learning_rate(self, value: float) -> None:
        yaml = YAML()
        path = self.root / "params.yaml"
        document = yaml.load(path.read_text())
        document["train_style_e"]["lr"] = value
        with path.open("w") as stream:
            yaml.dump(document, stream)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("smoke"))
    made.first = made.repro()  # type: ignore[attr-defined]
    return made


def test_the_cold_run_makes_everything(workspace: Workspace) -> None:
    ran, cached = workspace.first  # type: ignore[attr-defined]
    assert len(ran) == 7
    assert not cached
    assert set(workspace.hashes()) == set(DATA_OUTS)
    metrics = json.loads((workspace.root / "metrics" / "evaluate.json").read_text())
    assert metrics
    page = (workspace.root / "reports" / "index.html").read_text()
    assert "<video" in page
    assert (workspace.root / "mlflow.db").is_file()


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    assert workspace.repro() == (set(), set())


def test_a_learning_rate_reruns_its_training_alone_and_comes_back_from_the_cache(workspace: Workspace) -> None:
    before = workspace.hashes()
    rate = YAML(typ="safe").load((workspace.root / "params.yaml").read_text())["train_style_e"]["lr"]
    workspace.set_learning_rate(rate / 2)
    ran, cached = workspace.repro()
    assert ran == {"train_style_e", "evaluate"}
    assert not cached
    assert workspace.hashes()["models/style_e"] != before["models/style_e"]
    workspace.set_learning_rate(rate)
    ran, cached = workspace.repro()
    assert not ran
    assert cached == {"train_style_e", "evaluate"}
    assert workspace.hashes() == before


def test_forced_runs_give_the_same_bytes(workspace: Workspace) -> None:
    before = workspace.hashes()
    ran, _ = workspace.repro("--force")
    assert len(ran) == 7
    assert workspace.hashes() == before


def test_metrics_and_plots_are_useful(workspace: Workspace) -> None:
    shown = json.loads(workspace.run("dvc", "metrics", "show", "--json"))
    assert {Path(name).stem for name in shown[""]["data"]} >= {"prepare", "train_style_e", "train_style_a", "evaluate"}
    workspace.run("dvc", "plots", "show", "-o", "plots-html")
    assert (workspace.root / "plots-html" / "index.html").is_file()
