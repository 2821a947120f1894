"""What a run stands on, and who works on it: git commit, uncommitted changes, hash of dvc.lock, host and process."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

from components.runner import git
from components.runner.dvc_lock import LEFT_BY_STAGES

# What a stage writes, and DVC removes before it, is no change of what the run stands on.
MADE_BY_STAGES = ("dvc.lock", *LEFT_BY_STAGES)


def process_identity(pid: int | None = None) -> str:
    """A name that no other process ever bears: boot, pid and start time in kernel ticks (not the clock, which jumps).

    pid: None for this process. "" where the system does not tell, or where no such process lives.
    """
    number = os.getpid() if pid is None else pid
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot}/{number}/{fields[19]}"


def is_alive(identity: str) -> bool:
    """Whether the process of this machine that bears the name lives; one that cannot be told counts as living."""
    parts = identity.split("/")
    if len(parts) != 3 or not parts[1].isdigit():
        return True
    try:
        if Path("/proc/sys/kernel/random/boot_id").read_text().strip() != parts[0]:
            return False
    except OSError:
        return True
    if found := process_identity(int(parts[1])):
        return found == identity
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return False
    except OSError:  # it lives, as another user, whose processes a hardened /proc hides
        return True
    return not _is_zombie(int(parts[1]))


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:  # collected meanwhile
        return True
    except OSError:
        return False


def process_tags() -> dict[str, str]:
    """Tags by which the watchdog finds runs whose process is gone."""
    return {"process.host": socket.gethostname(), "process.id": process_identity()}


def source_tags(root: Path) -> dict[str, str]:
    """Tags for a run. Where git does not answer, commit and changes are "unknown", and `git.error` says why."""
    lock = root / "dvc.lock"
    return {
        **_git_tags(root),
        "dvc.lock.md5": hashlib.md5(lock.read_bytes()).hexdigest() if lock.is_file() else "",
    } | process_tags()


def _git_tags(root: Path) -> dict[str, str]:
    tags = {"git.commit": git.UNKNOWN, "git.dirty": git.UNKNOWN}
    try:
        tags["git.commit"] = git.head(root)
        tags["git.dirty"] = str(git.is_dirty(root, *MADE_BY_STAGES)).lower()
    except git.GitError as error:
        tags["git.error"] = str(error)
    return tags
