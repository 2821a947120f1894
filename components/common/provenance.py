"""Which code and data a run stands on: git commit, uncommitted changes, hash of dvc.lock."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def source_tags(root: Path) -> dict[str, str]:
    """Tags for a run. Outside git the commit is an empty string: unknown, not invented."""
    lock = root / "dvc.lock"
    return {
        "git.commit": _git(root, "rev-parse", "HEAD"),
        "git.dirty": str(bool(_git(root, "status", "--porcelain", "--untracked-files=no"))).lower(),
        "dvc.lock.md5": hashlib.md5(lock.read_bytes()).hexdigest() if lock.is_file() else "",
    }
