"""A drift check refuses at once what could not work; its page can be trusted on its own data."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows import drift
from flows.execution.workspace import set_parameters

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "footage" / "new").mkdir(parents=True)
    shutil.copy(ROOT / "params.yaml", root)
    return root


def test_a_folder_that_is_none(project: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        drift.refuse(project, project / "nowhere", False)


def test_a_retraining_must_see_the_footage(project: Path) -> None:
    new = project / "footage" / "new"
    drift.refuse(project, new, False)
    with pytest.raises(UserError, match="source is synthetic"):
        drift.refuse(project, new, True)
    set_parameters(project, {"prepare.source": "folder", "prepare.path": str(project / "elsewhere")})
    with pytest.raises(UserError, match="is not below"):
        drift.refuse(project, new, True)
    for path in (str(project / "footage"), "footage"):  # below the project, wherever the command is given
        set_parameters(project, {"prepare.path": path})
        drift.refuse(project, new, True)


def test_a_project_without_data_is_told_so(project: Path) -> None:
    with pytest.raises(UserError, match="data/prepared was never made here; run `dvc repro` first"):
        drift.read_training(project, lambda _: None)


def test_kept_figures_are_of_these_data_and_of_the_code_that_measured_them(tmp_path: Path) -> None:
    for path in drift.MEASURE:
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "measure.py").write_text(path)
    data = {"data/prepared": "a", "data/coefficients": "b"}
    names = [drift.kept_as(data, tmp_path), drift.kept_as({**data, "data/prepared": "c"}, tmp_path)]
    assert drift.kept_as(dict(data), tmp_path) == names[0]
    for path in drift.MEASURE:
        (tmp_path / path / "measure.py").write_text("measured otherwise")
        names.append(drift.kept_as(data, tmp_path))
    assert len(set(names)) == len(names)


def test_data_that_are_not_the_locked_ones_are_not_measured_under_their_name(project: Path) -> None:
    outs = "".join(f"      - {{path: {path}, md5: '{'0' * 32}.dir'}}\n" for path in drift.DATA)
    (project / "dvc.lock").write_text(f"schema: '2.0'\nstages:\n  prepare:\n    cmd: none\n    outs:\n{outs}")
    (project / "data" / "prepared").mkdir(parents=True)
    with pytest.raises(UserError, match=r"data/prepared is not what dvc\.lock says"):
        drift.read_training(project, lambda _: None)
    assert not (project / ".cache").exists() or not any((project / ".cache").rglob("*.safetensors"))


def test_the_command_line_says_it_in_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["drift"])
    assert drift.main(["nowhere", "--root", str(project)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
