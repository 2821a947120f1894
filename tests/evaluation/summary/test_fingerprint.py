"""The evaluation set's name follows what is asked and how it is judged, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from components.common.clips import read_clips
from components.common.layout import Layout
from evaluation.parts.cases import choose_cases
from evaluation.summary.fingerprint import fingerprint

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
