"""The frame of a stage: figures and lineage on disk, errors in one line, and help that loads nothing heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STAGE = """
'''Ends as it is told to.'''
import sys
from components.common.errors import StageError
from components.runner.stage import main
def run(stage):
    ending = sys.argv[1]
    if ending == "full disk":
        raise OSError(28, "No space left on device")
    if ending == "broken contract":
        raise StageError("5 frames, the manifest says 9")
    if ending == "interrupt":
        raise KeyboardInterrupt
    return {"loss": 1 / 3, "seed": stage.params.runtime.seed}
sys.exit(main("prepare", run, sys.argv[2:]))
"""


def run_stage(folder: Path, ending: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "params.yaml").write_text("runtime: {seed: 3, device: cpu}\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STYLE2TALKER_TRACKING": "off"}
    command = [sys.executable, "-c", STAGE, ending, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_figures_and_lineage_are_written(tmp_path: Path) -> None:
    done = run_stage(tmp_path, "well")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "metrics" / "prepare.json").read_text()) == {"loss": 0.333333, "seed": 3.0}
    made = json.loads((tmp_path / "lineage" / "prepare.json").read_text())
    assert made["run"].startswith("made-")
    run_stage(tmp_path, "well")
    assert json.loads((tmp_path / "lineage" / "prepare.json").read_text()) == made  # nothing in it but what was done
    assert "prepare: done in" in done.stderr


@pytest.mark.parametrize(
    ("ending", "arguments", "code", "words"),
    [
        ("full disk", (), 2, "error: no space left on the disk"),
        ("broken contract", (), 1, "error: 5 frames, the manifest says 9"),
        ("interrupt", (), 130, "interrupted; `dvc repro prepare` starts it again"),
        ("well", ("--params", "absent.yaml"), 2, "error: absent.yaml is missing"),
    ],
)
def test_an_ending_is_one_line_and_a_code(
    tmp_path: Path, ending: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run_stage(tmp_path, ending, *arguments)
    assert done.returncode == code, done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith(words)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "metrics").exists()


HELP = """
import importlib, sys
from components.runner import stage
for name in sys.argv[1:]:
    try:
        stage.main("prepare", importlib.import_module(name).run, ["--help"])
    except SystemExit as ended:
        assert ended.code == 0
heavy = {"torch", "mlflow", "transformers"} & set(sys.modules)
sys.exit(f"loaded {heavy}" if heavy else 0)
"""


def test_help_loads_neither_torch_nor_mlflow() -> None:
    modules = ("components.annotate.stage", "components.style_e.stage", "components.style_a.stage")
    done = subprocess.run([sys.executable, "-c", HELP, *modules], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == ""
    assert done.stdout.count("example: dvc repro prepare") == len(modules)
    assert done.returncode == 0
