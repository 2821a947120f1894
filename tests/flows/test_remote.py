"""Remotes are set on this machine only; what is pushed comes back whole in a fresh clone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.code_identity import tree_hash
from components.runner.dvc_lock import DvcLock
from flows import remote
from flows.execution import dvc
from tests.project import Project


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=root, check=True)
    return root


def test_a_folder_beside_the_project_is_the_default(repository: Path) -> None:
    address = remote.configure(repository)
    assert Path(address) == repository.parent / "style2talker-remote"
    assert Path(address).is_dir()
    assert address in (repository / ".dvc" / "config.local").read_text()
    assert "remote" not in (repository / ".dvc" / "config").read_text()


def test_a_second_call_changes_the_place(repository: Path) -> None:
    remote.configure(repository)
    elsewhere = remote.configure(repository, "elsewhere")
    assert (repository / ".dvc" / "config.local").read_text().count("url = ") == 1
    assert elsewhere == str(repository / "elsewhere")


def test_mistakes_are_one_line(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="neither a folder nor"):
        remote.configure(repository, "ftp://example.org/x")
    with pytest.raises(UserError, match="neither a folder nor"):
        remote.configure(repository, "folder", endpoint="http://127.0.0.1:9")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        remote.configure(repository, str(tmp_path / "file" / "below"))


def clone_and_pull(project: Project, folder: Path, *place: str, env: dict[str, str] | None = None) -> Project:
    """A fresh clone that knows nothing but git and the remote."""
    subprocess.run(["git", "clone", "-q", str(project.root), str(folder)], check=True)
    clone = Project(folder)
    clone.run(sys.executable, "-m", "flows.remote", *place)
    clone.run("dvc", "pull", "-q", env=env)
    return clone


def files_below(project: Project) -> dict[str, bytes]:
    """Every output of DVC, by path."""
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for name in DvcLock.read(project.root).outs
        for path in ([project.root / name] if (project.root / name).is_file() else (project.root / name).rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_clone_pulls_everything_and_has_nothing_to_do(project: Project, tmp_path: Path) -> None:
    place = str(tmp_path / "storage")
    project.run(sys.executable, "-m", "flows.remote", place)
    project.run("dvc", "push", "-q")
    clone = clone_and_pull(project, tmp_path / "clone", place)
    assert clone.hashes() == project.hashes()
    assert {path: tree_hash(clone.root / path) for path in clone.hashes()} == project.hashes()
    assert files_below(clone) == files_below(project)
    assert clone.repro() == (set(), set())
