"""A miniature of the project: the same outputs from two stages that take no time, and a model that answers requests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flows.execution import dvc

# How good the models are stands in a file: an evaluation then says so of ten cases.
MAKE = """
from pathlib import Path
for name in ("regressor", "style_e", "style_a"):
    folder = Path("models", name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights").write_text(name + Path("code/scale.txt").read_text())
"""
EVALUATE = """
import json
import sys
from pathlib import Path
from ruamel.yaml import YAML
weights = Path("models/style_e/weights").read_text()
if not weights.startswith("style_e"):
    sys.exit("models/style_e/weights is of no known format")
quality = float(weights.removeprefix("style_e"))
cases = {f"case {i}": round(quality + i / 100, 6) for i in range(10)}
figures = {"style_a/pair_psnr_gain_over_no_motion": quality, "talker/lip_correlation": 0.9, "talker/face_found_rate": 1}
results = {
    "summary": {name: {"mean": mean, "low": mean, "high": mean, "count": 10} for name, mean in figures.items()},
    "cases": {"style_a/pair_psnr_gain_over_no_motion": cases},
    "slices": {}, "baselines": {}, "samples": [], "left_out": [], "setting": {"Footage": "none"},
    "frozen": f"set of {YAML(typ='safe').load(Path('params.yaml'))['evaluate']['sentences']}",
}
Path("reports").mkdir(exist_ok=True)
Path("reports/evaluation.json").write_text(json.dumps(results))
Path("metrics").mkdir(exist_ok=True)
Path("metrics/evaluate.json").write_text(json.dumps(figures))
"""
SERVE = """
import base64
from pathlib import Path
import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel

class Miniature(PythonModel):
    def load_context(self, context):
        self.weights = Path(context.artifacts["style_e"], "weights").read_text()

    def predict(self, context, model_input, params=None):
        video = b"\\0\\0\\0\\x18ftyp" + self.weights.encode()
        return [base64.b64encode(video).decode()] * len(model_input)

    predict.__annotations__["model_input"] = pd.DataFrame

mlflow.models.set_model(Miniature())
"""
DVC_YAML = """
stages:
  train:
    cmd: python make.py
    deps: [make.py, code]
    params: [train_style_e.steps]
    outs: [models/regressor, models/style_e, models/style_a]
  evaluate:
    cmd: python -m evaluation.stage
    deps: [evaluation, models/regressor, models/style_e, models/style_a]
    params: [evaluate.sentences]
    outs: [reports]
    metrics: [metrics/evaluate.json: {cache: false}]
"""
FILES = {
    "make.py": MAKE,
    "evaluation/stage.py": EVALUATE,
    "components/talker/serving.py": SERVE,
    "dvc.yaml": DVC_YAML.replace("python ", f"{sys.executable} "),
    "params.yaml": "train_style_e: {steps: 3}\nevaluate: {sentences: 4}\n",
    "code/scale.txt": "1",
    ".gitignore": "/models\n/reports\n/mlartifacts\n/mlflow.db\n/.mlflow.lock\n/.sweeps\n__pycache__\n",
    ".dvcignore": "__pycache__\n",
}


def run(root: Path, *command: str) -> str:
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert process.returncode == 0, f"{' '.join(command)}\n{process.stdout}\n{process.stderr}"
    return process.stdout


def repro(root: Path) -> None:
    run(root, dvc.executable(), "repro", "-q")


def make(root: Path) -> None:
    """A real git and DVC repository with everything committed and up to date."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
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
