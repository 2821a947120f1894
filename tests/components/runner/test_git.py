"""An answer of git, or one line that says why there is none and what to do: never an empty answer instead."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.runner import git

WHO = ("-c", "user.name=t", "-c", "user.email=t@example.org")


def run(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *WHO, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    run(root, "init", "-q", "-b", "main")
    (root / "file.txt").write_text("1")
    run(root, "add", "-A")
    run(root, "commit", "-qm", "Start")
    return root


def why(root: Path) -> str:
    with pytest.raises(git.GitError) as caught:
        git.head(root)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_a_repository_answers(repository: Path) -> None:
    assert git.head(repository) == run(repository, "rev-parse", "HEAD").strip()
    assert (git.is_dirty(repository), git.is_shallow(repository)) == (False, False)
    (repository / "file.txt").write_text("2")
    assert git.is_dirty(repository)
    assert not git.is_dirty(repository, "file.txt")
    assert git.is_dirty(repository, "other.txt", "folder")


def test_git_is_missing(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why(repository) == "git is not installed, or not on PATH; install it"


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    assert why(tmp_path).endswith("clone the project, or: git init && git add -A && git commit -m Start")
    assert why(tmp_path / "nothing") == f"{tmp_path / 'nothing'} is not a folder"
    run(tmp_path, "init", "-q")
    assert why(tmp_path) == f"{tmp_path} has no commit yet; run: git add -A && git commit -m Start"


def test_an_archive_inside_another_repository_is_not_of_its_commit(repository: Path) -> None:
    inner = repository / "style2talker-main"
    inner.mkdir()
    assert why(inner).startswith(f"{inner} lies in the repository of another project, {repository}")
    workspace = repository / ".sweeps" / "study" / "0001"
    workspace.mkdir(parents=True)
    assert git.head(workspace) == git.head(repository)  # a copy that the project made of itself


def test_another_owner(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a folder of the host inside a container."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for this
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    assert why(repository).endswith(f"run: git config --global --add safe.directory {repository}")


@pytest.mark.parametrize("damage", ["objects", "HEAD", "branch", "index"])
def test_a_damaged_repository(repository: Path, damage: str) -> None:
    inside = repository / ".git"
    if damage == "objects":
        shutil.rmtree(inside / "objects")
        (inside / "objects").mkdir()
    elif damage == "branch":
        (inside / "refs" / "heads" / "main").write_text("nonsense\n")
    else:
        (inside / damage).write_bytes(b"\0\1\2")
    ask = git.is_dirty if damage == "index" else git.head
    with pytest.raises(git.GitError) as caught:
        ask(repository)
    assert "has no commit yet" not in str(caught.value)
    assert str(repository) in str(caught.value)


def test_a_hook_does_not_lead_elsewhere(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no index"))
    assert len(git.head(repository)) == 40
    assert not git.is_dirty(repository)


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    (repository / "file.txt").write_text("2")
    run(repository, "commit", "-qam", "Second")
    run(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    assert git.is_shallow(tmp_path / "shallow")
    assert git.head(tmp_path / "shallow") == git.head(repository)


def test_ignored_names_come_back_as_they_are(repository: Path) -> None:
    (repository / ".gitignore").write_text("/footage/*\n")
    (repository / "footage").mkdir()
    strange = {"footage/ümlaut", "footage/two\nlines", 'footage/"quoted"', "footage/b\udce9", "footage/-n"}
    assert git.ignored(repository, [*strange, "file.txt"]) == strange
    assert git.ignored(repository, ["file.txt"]) == set()
    with pytest.raises(git.GitError, match="outside"):
        git.ignored(repository, ["../elsewhere"])


@given(st.lists(st.binary(min_size=1).filter(lambda name: b"\0" not in name).map(os.fsdecode)))
def test_names_survive(paths: list[str]) -> None:
    assert git.names(git.as_names(paths)) == paths
