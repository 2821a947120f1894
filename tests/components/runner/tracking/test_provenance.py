"""A process has a name that no other ever bears; a run names its code and data, or says that it cannot."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from components.runner.tracking.provenance import is_alive, process_identity, process_tags, source_tags


def test_a_process_keeps_its_name_and_loses_it_when_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = process_identity(child.pid)
        assert name == process_identity(child.pid) != ""
        assert name != process_identity()
        child.kill()
        # Dead but not yet collected: a zombie works on nothing.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_identity(child.pid) == ""
    assert process_identity(child.pid) == ""
    assert process_tags()["process.id"] == process_identity()


def test_a_process_that_cannot_be_told_counts_as_living() -> None:
    boot, pid, start = process_identity().split("/")
    assert is_alive(process_identity())
    assert is_alive("")
    assert is_alive("of another system")
    assert not is_alive(f"{boot}/{pid}/{int(start) + 1}")
    assert not is_alive(f"another-boot/{pid}/{start}")
    with subprocess.Popen(["true"]) as child:
        name = process_identity(child.pid)
    assert not is_alive(name or f"{boot}/{child.pid}/1")


def test_where_git_does_not_answer_the_commit_is_unknown_and_the_tree_not_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = source_tags(tmp_path)
    assert (tags["git.commit"], tags["git.dirty"], tags["dvc.lock.md5"]) == ("unknown", "unknown", "")
    assert "is no git repository" in tags["git.error"]
    assert tags["process.host"] == socket.gethostname()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert source_tags(tmp_path)["git.error"] == "git is not installed, or not on PATH; install it"


def test_a_repository_names_its_commit_its_changes_and_its_lock(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        return subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "-q")
    (tmp_path / "dvc.lock").write_text("schema: '2.0'\n")
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "evaluate.json").write_text("{}")
    (tmp_path / "params.yaml").write_text("lr: 1")
    git("add", "-A")
    git("commit", "-q", "-m", "Start")
    (tmp_path / "note.txt").write_text("not known to git, changes nothing")
    tags = source_tags(tmp_path)
    assert tags["git.commit"] == git("rev-parse", "HEAD").strip() != ""
    assert tags["git.dirty"] == "false"
    # As DVC leaves them while a stage runs: no change of what the run stands on.
    (tmp_path / "metrics" / "evaluate.json").unlink()
    (tmp_path / "dvc.lock").write_text("schema: '2.1'\n")
    tags = source_tags(tmp_path)
    assert tags["git.dirty"] == "false"
    (tmp_path / "params.yaml").write_text("lr: 2")
    assert source_tags(tmp_path)["git.dirty"] == "true"
    assert tags["dvc.lock.md5"] == hashlib.md5(b"schema: '2.1'\n").hexdigest()
