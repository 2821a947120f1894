"""What a run stands on, and who works on it: git commit, uncommitted changes, hash of dvc.lock, host and process."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from pathlib import Path


def _git(root: Path, *arguments: str) -> str:
    try:
        process = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return process.stdout.strip()


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


def process_tags() -> dict[str, str]:
    """Tags by which the watchdog finds runs whose process is gone."""
    return {"process.host": socket.gethostname(), "process.id": process_identity()}


def source_tags(root: Path) -> dict[str, str]:
    """Tags for a run. Outside git the commit is an empty string: unknown, not invented."""
    lock = root / "dvc.lock"
    return {
        "git.commit": _git(root, "rev-parse", "HEAD"),
        "git.dirty": str(bool(_git(root, "status", "--porcelain", "--untracked-files=no"))).lower(),
        "dvc.lock.md5": hashlib.md5(lock.read_bytes()).hexdigest() if lock.is_file() else "",
    } | process_tags()
