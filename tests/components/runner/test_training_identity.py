"""What another code, other inputs or another machine would train is another training; a mere retry is the same one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params, Runtime
from components.runner import training_identity as module
from components.runner.dvc_lock import DvcLock
from components.runner.training_identity import training_identity

ROOT = Path(__file__).parents[3]


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's code, which takes the place of the running one."""
    copy = tmp_path / "code"
    for name in DvcLock.read(ROOT).code("train_style_a"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dvc.yaml", copy)
    monkeypatch.setattr(module, "CODE", copy)
    return copy


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "data")
    for path in (
        layout.manifest,
        layout.clips / "a.wav",
        layout.coefficients / "a.safetensors",
        layout.heads / "basis",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    return layout


def identity(layout: Layout, **runtime: Any) -> dict[str, Any]:
    return training_identity("train_style_a", Params(runtime=Runtime(device="cpu", **runtime)), layout)


def test_the_retry_of_a_bad_night_is_the_same_training(code: Path, layout: Layout, tmp_path: Path) -> None:
    before = identity(layout)
    shutil.copytree(layout.root, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    (code / "evaluation").mkdir()
    (code / "evaluation" / "page.py").write_text("no stage of training reads it")
    (code / "components/style_a/__pycache__").mkdir()
    (code / "components/style_a/__pycache__/stage.pyc").write_text("compiled")
    assert identity(Layout(tmp_path / "elsewhere"), workers=2) == before


def test_a_changed_loss_weight_is_another_training(code: Path, layout: Layout) -> None:
    before = identity(layout)
    file = code / "components/style_a/art/train.py"
    text = file.read_text()
    file.write_text(text.replace('"perceptual": 0.08', '"perceptual": 8.0'))
    assert file.read_text() != text
    assert identity(layout) != before


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: (root / "components/common/training/ema.py").write_text("DECAY = 0"),
        lambda root: (root / "components/style_a/motion/extra.py").write_text(""),
        lambda root: (root / "components/face/procrustes.py").unlink(),
    ],
)
def test_so_is_any_other_edit_of_declared_code(code: Path, layout: Layout, edit: Callable[[Path], object]) -> None:
    before = identity(layout)
    edit(code)
    assert identity(layout) != before


@pytest.mark.parametrize("path", ["data/prepared/clips/a.wav", "data/heads/basis", "data/coefficients/b.safetensors"])
def test_so_is_any_declared_input(code: Path, layout: Layout, path: str) -> None:
    before = identity(layout)
    (layout.root / path).write_text("other")
    assert identity(layout) != before


def test_so_is_another_way_to_compute(code: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [identity(layout), identity(layout, seed=1), identity(layout, threads=2)]
    monkeypatch.setenv("WORLD_SIZE", "2")
    made.append(identity(layout))
    monkeypatch.delenv("WORLD_SIZE")
    monkeypatch.setattr(module.metadata, "version", lambda name: "0.0")
    made.append(identity(layout))
    assert all(first != second for i, first in enumerate(made) for second in made[:i])


def test_an_unknown_code_is_refused(code: Path, layout: Layout) -> None:
    shutil.rmtree(code / "components/style_a")
    with pytest.raises(UserError, match="components/style_a"):
        identity(layout)
