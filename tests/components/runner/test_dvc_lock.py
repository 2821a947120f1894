"""What DVC's files say about a stage; files that lack or break say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.runner.dvc_lock import data_inputs, description

DVC_YAML = """
stages:
  prepare: {desc: Footage to clips, cmd: none, deps: [components, footage], outs: [data/prepared]}
  train: {cmd: none, deps: [components/common, data/prepared, models/regressor], outs: [models/style_e]}
"""
DVC_LOCK = """
schema: '2.0'
stages:
  prepare:
    cmd: none
    deps: [{path: components, md5: aa.dir}, {path: footage, md5: bb.dir}]
    outs: [{path: data/prepared, md5: cc.dir}, {path: lineage/prepare.json, md5: dd}]
  train:
    cmd: none
    deps: [{path: data/prepared, md5: old.dir}]
    outs: [{path: models/style_e, md5: ee.dir}]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "dvc.lock").write_text(DVC_LOCK)
    return tmp_path


def test_inputs_are_outputs_of_other_stages_as_they_are_now(root: Path) -> None:
    assert data_inputs(root, "train") == {"data/prepared": "cc.dir"}  # code and what nobody has made yet are no data
    assert data_inputs(root, "prepare") == {}


def test_the_description_of_a_stage(root: Path) -> None:
    assert description(root, "prepare") == "Footage to clips"
    assert description(root, "train") == ""


def test_a_stage_that_is_not_there(root: Path) -> None:
    assert description(root, "retrain") == ""
    assert data_inputs(root, "retrain") == {}


def test_an_output_without_a_hash_does_not_count(root: Path) -> None:
    (root / "dvc.lock").write_text(DVC_LOCK.replace("path: data/prepared, md5: cc.dir", "path: data/prepared"))
    assert data_inputs(root, "train") == {}


@pytest.mark.parametrize("text", ["", "stages:", "[1, 2", "just text", "{schema: '2.0'}"])
def test_a_file_that_says_nothing(root: Path, text: str) -> None:
    (root / "dvc.lock").write_text(text)
    assert data_inputs(root, "train") == {}
    (root / "dvc.yaml").write_text(text)
    assert description(root, "prepare") == ""


def test_no_files_at_all(tmp_path: Path) -> None:
    assert description(tmp_path, "train") == ""
    assert data_inputs(tmp_path, "train") == {}


def test_the_projects_own_stages_are_described() -> None:
    root = Path(__file__).parents[3]
    assert description(root, "train_style_e")
    assert "models/regressor" in data_inputs(root, "train_style_e")
