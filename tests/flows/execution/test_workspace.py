"""Workspaces belong to a live process; those of dead ones are found and removed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.dvc_cache import object_path
from components.runner.dvc_lock import DvcLock
from flows.execution import workspace

HOLD = """
import sys, time
from pathlib import Path
from flows.execution import workspace
with workspace.claimed(Path(sys.argv[1])) as folder:
    folder.mkdir()
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_owner_leaves_a_workspace_that_is_swept_up(tmp_path: Path) -> None:
    folder = tmp_path / "0001"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "held\n"
        assert workspace.alive(folder)
        assert workspace.sweep_up(tmp_path) == []
        owner.kill()
        owner.wait()
    assert folder.is_dir()
    assert not workspace.alive(folder)
    assert workspace.sweep_up(tmp_path) == ["0001"]
    assert not list(tmp_path.iterdir())


def test_the_owner_cleans_up_after_itself(tmp_path: Path) -> None:
    def work() -> None:
        with workspace.claimed(tmp_path / "0001") as folder:
            folder.mkdir()
            assert workspace.alive(folder)
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        work()
    assert not list(tmp_path.iterdir())


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    assert workspace.sweep_up(tmp_path) == []
    assert (tmp_path / "checkpoints").is_dir()


def test_parameters_keep_their_comments(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("a:  # first\n  b: 1  # second\n  c: {d: 2}\n")
    workspace.set_parameters(tmp_path, {"a.b": 0.25, "a.c.d": 3})
    assert (tmp_path / "params.yaml").read_text() == "a:  # first\n  b: 0.25 # second\n  c: {d: 3}\n"
    for unknown in ("a.x", "x.b"):
        with pytest.raises(UserError, match="has no parameter"):
            workspace.set_parameters(tmp_path, {unknown: 1})


def test_a_damaged_cache_is_seen_at_the_checkout(miniature: Path, tmp_path: Path) -> None:
    """DVC looks at the write protection of a file in its cache, not at its bytes."""
    workspace.bare(miniature, tmp_path / "whole", "models/style_e")
    locked = DvcLock.read(miniature).outs["models/style_e"]
    cache = miniature / ".dvc" / "cache"
    (entry,) = json.loads(object_path(cache, locked).read_bytes())
    file = object_path(cache, entry["md5"])
    mode = file.stat().st_mode
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    file.chmod(mode)
    with pytest.raises(UserError, match=rf"hash mismatch: models/style_e from DVC's cache.*delete {file}") as refusal:
        workspace.bare(miniature, tmp_path / "damaged", "models/style_e")
    assert "\n" not in str(refusal.value)
