"""Files and commands of a miniature of the project: the same outputs, from two stages that take no time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flows.execution import dvc

MAKE = """
from pathlib import Path
for name in ("regressor", "style_e", "style_a"):
    folder = Path("models", name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights").write_text(name + Path("code/scale.txt").read_text())
"""
MEASURE = """
from pathlib import Path
Path("reports").mkdir(exist_ok=True)
Path("reports/evaluation.json").write_text(Path("models/style_e/weights").read_text())
Path("metrics").mkdir(exist_ok=True)
Path("metrics/evaluate.json").write_text("{}")
"""
DVC_YAML = """
stages:
  train:
    cmd: python make.py
    deps: [make.py, code]
    params: [train_style_e.steps]
    outs: [models/regressor, models/style_e, models/style_a]
  evaluate:
    cmd: python measure.py
    deps: [measure.py, models/regressor, models/style_e, models/style_a]
    outs: [reports]
    metrics: [metrics/evaluate.json: {cache: false}]
"""


def run(root: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def repro(root: Path) -> None:
    run(root, dvc.executable(), "repro", "-q")


def make(root: Path) -> None:
    """A real git and DVC repository with everything committed and up to date."""
    (root / "code").mkdir()
    for name, text in {
        "make.py": MAKE.replace("python ", f"{sys.executable} "),
        "measure.py": MEASURE,
        "dvc.yaml": DVC_YAML.replace("python ", f"{sys.executable} "),
        "params.yaml": "train_style_e: {steps: 3}\n",
        "code/scale.txt": "1",
        ".gitignore": "/models\n/reports\n__pycache__\n",
        ".dvcignore": "__pycache__\n",
    }.items():
        (root / name).write_text(text)
    run(root, "git", "init", "-q", "-b", "main")
    run(root, dvc.executable(), "init", "-q")
    run(root, dvc.executable(), "config", "core.analytics", "false")
    repro(root)
    commit(root)


def commit(root: Path) -> str:
    run(root, "git", "add", "-A")
    run(root, "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "Change")
    return run(root, "git", "rev-parse", "HEAD").strip()
