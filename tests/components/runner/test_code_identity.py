"""A stage's code has a name of its own: every byte of it, and nothing else, decides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.code_identity import code_identity, dvc_md5
from components.runner.dvc_lock import DvcLock

ROOT = Path(__file__).parents[3]
PIPELINE = """
stages:
  prepare: {cmd: none, deps: [code/common, code/prepare.py, "${prepare.path}"], outs: [data/prepared]}
  train:
    cmd: none
    deps: [code/common, code/train, data/prepared]
    outs: [{models/train: {persist: true}}]
    metrics: [{metrics/train.json: {cache: false}}]
  evaluate: {cmd: none, deps: [code/common, models/train, metrics/train.json]}
"""
FILES = (
    "code/common/a.py",
    "code/prepare.py",
    "code/train/loss.py",
    "code/page.py",
    "data/prepared/clip",
    "models/train",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "dvc.yaml").write_text(PIPELINE)
    return root


@pytest.mark.parametrize("edited", ["code/common/a.py", "code/train/loss.py"])
def test_an_edit_of_its_code_is_another_identity(project: Path, edited: str) -> None:
    before = code_identity(project, "train")
    (project / edited).write_text("WEIGHT = 100")
    assert code_identity(project, "train") != before


def test_a_new_or_renamed_file_is_another_identity(project: Path) -> None:
    before = code_identity(project, "train")
    (project / "code/train/loss.py").rename(project / "code/train/losses.py")
    renamed = code_identity(project, "train")
    (project / "code/train/more.py").write_text("")
    assert len({before, renamed, code_identity(project, "train")}) == 3


@pytest.mark.parametrize("edited", ["code/page.py", "code/prepare.py", "data/prepared/clip", "models/train"])
def test_an_edit_of_anything_else_is_not(project: Path, edited: str) -> None:
    before = code_identity(project, "train")
    (project / edited).write_text("other")
    (project / "code" / "train" / "__pycache__").mkdir()
    (project / "code" / "train" / "__pycache__" / "loss.pyc").write_text("compiled")
    assert code_identity(project, "train") == before


def test_a_copy_elsewhere_and_later_has_the_same(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "copy", copy_function=shutil.copyfile)
    assert code_identity(tmp_path / "copy", "train") == code_identity(project, "train")


def test_several_stages_are_all_of_their_code(project: Path) -> None:
    both = code_identity(project, "prepare", "train")
    assert both == code_identity(project, "train", "prepare") != code_identity(project, "train")
    (project / "code/prepare.py").write_text("other")
    assert code_identity(project, "prepare", "train") != both
    assert DvcLock.read(project).code("evaluate") == ("code/common",)


def test_an_unknown_code_is_told_and_has_no_identity(project: Path) -> None:
    with pytest.raises(UserError, match="names no stage sing"):
        code_identity(project, "sing")
    shutil.rmtree(project / "code/train")
    with pytest.raises(UserError, match=r"code/train is a dependency in dvc\.yaml and is not there"):
        code_identity(project, "train")
    with pytest.raises(UserError, match="names no stage train"):
        code_identity(project / "code", "train")


def test_the_projects_own_stages(tmp_path: Path) -> None:
    graph = DvcLock.read(ROOT)
    names = {stage: code_identity(ROOT, stage) for stage in graph.declared}
    assert len(set(names.values())) == len(names)
    assert all(path.startswith(("components/", "evaluation/")) for stage in names for path in graph.code(stage))
    assert dvc_md5(tmp_path / "nothing") is None
