"""DVC's files are read as DVC writes them; what is no such file is one line."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock, LockedStage

ROOT = Path(__file__).parents[3]
PIPELINE = """
stages:
  prepare: {desc: Footage to clips, cmd: none, deps: [code, "${prepare.path}"]}
  train: {cmd: none, deps: [code, data/prepared, data/unknown]}
"""
LOCK = """
schema: '2.0'
stages:
  prepare:
    cmd: none
    deps: [{path: code, hash: md5, md5: old.dir}, {path: footage, hash: md5, md5: f.dir}]
    params: {params.yaml: {prepare: {path: footage}, runtime.seed: 0}}
    outs: [{path: data/prepared, hash: md5, md5: d.dir}, {path: elsewhere, etag: e}]
  train:
    cmd: none
    deps: [{path: code, hash: md5, md5: new.dir}, {path: data/prepared, hash: md5, md5: d.dir}]
    outs: [{path: model, hash: md5, md5: m}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "dvc.lock").write_text(LOCK)
    return tmp_path


def test_each_stage_has_what_it_read_made_and_was_told(project: Path) -> None:
    lock = DvcLock.read(project)
    assert lock.stages["prepare"] == LockedStage(
        {"code": "old.dir", "footage": "f.dir"},
        {"data/prepared": "d.dir", "elsewhere": ""},
        {"prepare": {"path": "footage"}, "runtime.seed": 0},
    )
    assert lock.outs == {"data/prepared": "d.dir", "model": "m"}
    assert lock.md5 == hashlib.md5(LOCK.encode()).hexdigest()
    assert (lock.description("prepare"), lock.description("train"), lock.description("none")) == (
        "Footage to clips", "", "",
    )  # fmt: skip


def test_sources_are_what_no_stage_made_with_every_hash_they_had(project: Path) -> None:
    assert DvcLock.read(project).sources == [("code", "new.dir"), ("code", "old.dir"), ("footage", "f.dir")]


def test_inputs_are_known_before_the_stage_has_run(project: Path) -> None:
    (project / "dvc.lock").write_text(LOCK.partition("  train:")[0])
    assert DvcLock.read(project).inputs("train") == {"data/prepared": "d.dir"}
    assert DvcLock.read(project).inputs("unknown") == {}


def test_a_stage_that_was_renamed_is_forgotten(project: Path) -> None:
    (project / "dvc.yaml").write_text(PIPELINE.replace("  train:", "  fit:"))
    lock = DvcLock.read(project)
    assert set(lock.stages) == {"prepare"}
    assert "model" not in lock.outs
    (project / "dvc.lock").write_text(LOCK.replace("  train:", "  fit@small:"))
    assert set(DvcLock.read(project).stages) == {"prepare", "fit@small"}
    (project / "dvc.yaml").unlink()
    assert set(DvcLock.read(project).stages) == {"prepare", "fit@small"}


def test_before_the_first_run_there_is_nothing(tmp_path: Path) -> None:
    assert DvcLock.read(tmp_path) == DvcLock()
    (tmp_path / "dvc.lock").write_text("")
    assert not DvcLock.read(tmp_path).stages


@pytest.mark.parametrize("content", ["<<<<<<< HEAD\n", "stages: 3\n", "[1]\n", "stages: {a: {outs: [{md5: x}]}}\n"])
def test_a_file_that_is_none_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "dvc.lock").write_text(content)
    with pytest.raises(UserError, match=r"dvc\.lock cannot be read .* git checkout -- dvc\.lock") as caught:
        DvcLock.read(tmp_path)
    assert "\n" not in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(alphabet="stages:{}[]-,'\"\n outdepshm5path\t&*!|", max_size=60))
def test_any_text_is_read_or_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "dvc.lock").write_text(content, encoding="utf-8")
    with contextlib.suppress(UserError):
        DvcLock.read(tmp_path)


def test_the_projects_own_files() -> None:
    lock = DvcLock.read(ROOT)
    assert set(lock.stages) == set(lock.declared)
    assert all(lock.descriptions.values())
    assert lock.inputs("evaluate").keys() >= {"models/regressor", "models/style_e", "models/style_a"}
    assert "params.yaml" not in dict(lock.sources)
