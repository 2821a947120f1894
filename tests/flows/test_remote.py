"""Remotes are set on this machine only; what is pushed comes back whole in a fresh clone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.dvc_cache import tree_hash
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
    assert "verify = true" in (repository / ".dvc" / "config.local").read_text()
    assert "remote" not in (repository / ".dvc" / "config").read_text()


def test_a_file_that_was_changed_on_the_remote_is_not_taken(repository: Path) -> None:
    folder = repository / "models"
    folder.mkdir()
    (folder / "weights").write_text("right")
    dvc.run(repository, "add", "-q", "models")
    storage = Path(remote.configure(repository))
    dvc.run(repository, "push", "-q")
    (file,) = (path for path in storage.rglob("*") if path.is_file() and path.suffix != ".dir")
    file.chmod(0o644)
    file.write_bytes(b"wrong")
    shutil.rmtree(repository / ".dvc" / "cache")
    shutil.rmtree(folder)
    with pytest.raises(UserError, match="dvc pull failed"):
        dvc.run(repository, "pull", "-q")
    assert not (folder / "weights").exists()


def test_a_second_call_changes_the_place(repository: Path) -> None:
    remote.configure(repository)
    elsewhere = remote.configure(repository, "elsewhere")
    assert (repository / ".dvc" / "config.local").read_text().count("url = ") == 1
    assert elsewhere == str(repository / "elsewhere")


def test_an_s3_remote_is_whole_in_one_write_and_shows_no_key(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(remote, "_s3", lambda address: address)  # the extra need not be installed
    monkeypatch.setattr(dvc, "run", lambda *_: pytest.fail("a second step, before which a kill would leave half of it"))
    place, endpoint = "s3://KEY:geheim@bucket/prefix", "http://127.0.0.1:9000"
    assert remote.main(["--root", str(repository), place, "--endpoint", endpoint]) == 0
    assert capsys.readouterr().out == "`dvc push` and `dvc pull` use s3://bucket/prefix\n"
    written = (repository / ".dvc" / "config.local").read_text()
    assert place in written
    assert f"endpointurl = {endpoint}" in written
    assert "remote = storage" in written


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
