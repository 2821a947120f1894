"""What a killed `dvc` leaves half written and then refuses to read: its lock file, its table of readers and writers.

DVC empties both before it writes them anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.common.artifacts import atomic
from components.runner.git import GitError, git

WRITING = 0.5  # seconds that a living `dvc` needs at most to write either


def mend(root: Path) -> list[str]:
    """Set right what a kill has left; what was done, in words.

    The table is removed, as if nobody was at work. The lock file becomes the committed one, or none: stages that it
    then does not know come from the run-cache, without running.
    """
    lock, table = root / "dvc.lock", root / ".dvc" / "tmp" / "rwlock"
    done = []
    if _broken(table, bool):
        table.unlink(missing_ok=True)
        done.append("DVC's table of readers and writers was empty after a kill: removed")
    if _broken(lock, whole_lock):
        done.append(f"dvc.lock was cut off by a kill: {_back(root, lock)}")
    return done


def _back(root: Path, lock: Path) -> str:
    """Put back the committed lock file, or none; which of them, in words."""
    try:
        before = git(root, "show", f"HEAD:./{lock.name}")
    except GitError:
        before = b""
    if not whole_lock(before):
        lock.unlink(missing_ok=True)
        return "removed"
    with atomic(lock) as temporary:
        temporary.write_bytes(before)
    return "the committed one is back"


def whole_lock(content: bytes) -> bool:
    """Whether a `dvc.lock` says all that it began to say. What a kill does not leave (a conflict's marks) counts so."""
    if not content.endswith(b"\n"):
        return False
    try:
        return _filled(YAML(typ="safe").load(content))
    except YAMLError:
        return True


def _filled(value: Any) -> bool:
    if isinstance(value, dict):
        # Parameters may be null; whatever else is null was about to be written.
        return all(key == "params" or _filled(each) for key, each in value.items())
    return all(map(_filled, value)) if isinstance(value, list) else value is not None


def _broken(path: Path, whole: Callable[[bytes], bool]) -> bool:
    """Whether a file is there and stays half written."""
    for pause in (0.0, WRITING):
        time.sleep(pause)
        try:
            if whole(path.read_bytes()):
                return False
        except OSError:
            return False
    return True
