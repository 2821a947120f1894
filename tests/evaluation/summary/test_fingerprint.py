"""The evaluation set's name follows what is asked and how it is judged, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from components.common.clips import read_clips
from components.common.layout import Layout
from evaluation.parts.cases import choose_cases
from evaluation.summary.fingerprint import CODE, MEASURE, fingerprint

Prepared = Callable[..., Layout]
SETTINGS = {"sentences": 4, "seed": 0}


def name(layout: Layout, clips: int = 3, **settings: int) -> str:
    return fingerprint(layout, choose_cases(read_clips(layout, annotated=True), clips, 1, 0), SETTINGS | settings)


def test_the_same_set_elsewhere_has_the_same_name(prepared: Prepared, tmp_path: Path) -> None:
    layout = prepared()
    before = name(layout)
    moved = tmp_path / "elsewhere"
    shutil.copytree(layout.root, moved)
    (moved / "models").mkdir(exist_ok=True)
    (moved / "models" / "weights").write_text("other models are asked the same")
    assert name(Layout(moved)) == before


def test_other_cases_data_or_settings_have_another_name(prepared: Prepared) -> None:
    layout = prepared()
    names = [name(layout), name(layout, clips=2), name(layout, sentences=5)]
    stored = next(iter(sorted(layout.coefficients.glob("*.safetensors"))))
    stored.write_bytes(stored.read_bytes() + b" ")
    names.append(name(layout))
    assert len(set(names)) == 4


def test_another_judge_has_another_name(prepared: Prepared, tmp_path: Path) -> None:
    """A landmark read otherwise is a figure read otherwise; a model's own code is part of what is compared."""
    layout, code = prepared(), tmp_path / "code"
    for path in (*MEASURE, "components/style_e"):
        shutil.copytree(CODE / path, code / path, ignore=shutil.ignore_patterns("__pycache__"))
    cases = choose_cases(read_clips(layout, annotated=True), 3, 1, 0)

    def named() -> str:
        return fingerprint(layout, cases, SETTINGS, code)

    before = named()
    assert before == name(layout)
    losses = code / "components/style_e/losses.py"
    losses.write_text(losses.read_text() + "# another thought\n")
    assert named() == before
    for judge in ("components/face/landmarker.py", "components/common/minilm.py", "evaluation/metrics/lip_sync.py"):
        seen = {before, named()}
        (code / judge).write_text((code / judge).read_text() + "# another thought\n")
        assert named() not in seen


def test_the_code_of_metrics_and_judges_is_the_measure() -> None:
    """What importing them loads, besides the frame around stages."""
    modules = [f"evaluation.metrics.{path.stem}" for path in (CODE / "evaluation/metrics").glob("[a-z]*.py")]
    script = f"import sys, evaluation.parts.judges, evaluation.parts.cases, {', '.join(sorted(modules))}"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{script}; print(*sys.modules)"], cwd=CODE, capture_output=True, text=True, check=True
    ).stdout
    files = [
        f"{name.replace('.', '/')}.py" for name in loaded.split() if name.startswith(("components.", "evaluation."))
    ]
    judging = [file for file in files if (CODE / file).is_file()]
    assert judging
    assert not [file for file in judging if not file.startswith(tuple(f"{path}/" for path in MEASURE))]
