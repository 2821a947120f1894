"""A process has a name that no other ever bears; a run names its code and data, or says that it cannot."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from components.runner.tracking.provenance import process_identity, process_tags, source_tags


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


def test_outside_git_the_commit_is_unknown(tmp_path: Path) -> None:
    tags = source_tags(tmp_path)
    assert (tags["git.commit"], tags["git.dirty"], tags["dvc.lock.md5"]) == ("", "false", "")
    assert tags["process.host"] == socket.gethostname()


def test_a_repository_names_its_commit_its_changes_and_its_lock(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        return subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "-q")
    (tmp_path / "dvc.lock").write_text("schema: '2.0'\n")
    git("add", "-A")
    git("commit", "-q", "-m", "Start")
    (tmp_path / "note.txt").write_text("not known to git, changes nothing")
    tags = source_tags(tmp_path)
    assert tags["git.commit"] == git("rev-parse", "HEAD").strip() != ""
    assert tags["git.dirty"] == "false"
    (tmp_path / "dvc.lock").write_text("schema: '2.1'\n")
    tags = source_tags(tmp_path)
    assert tags["git.dirty"] == "true"
    assert tags["dvc.lock.md5"] == hashlib.md5(b"schema: '2.1'\n").hexdigest()
