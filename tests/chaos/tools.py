"""What failures are made of: waiting with a limit, finding a project's processes, killing them."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.project import Project

STAGE_E = "components.style_e.stage"
STAGE_A = "components.style_a.stage"

PF_EXITING = 0x4  # of /proc/<pid>/stat


def wait_for(what: str, true: Callable[[], object], seconds: float = 120.0, every: float = 0.1) -> None:
    """Until `true()` holds; the test fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)


def dying(pid: int) -> bool:
    """Killed already: SIGKILL waits for it, or it is being taken apart, which takes its time on a busy machine."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        flags = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[6])
    except OSError:
        return True
    pending = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd"))]
    return bool(flags & PF_EXITING) or any(mask & 1 << signal.SIGKILL - 1 for mask in pending)


def processes(root: Path, word: str = "") -> list[psutil.Process]:
    """Live processes that work below `root` and have `word` in their command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or word not in " ".join(process.cmdline()):
                continue
            if Path(process.cwd()).is_relative_to(root) and not dying(process.pid):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def no_orphan(root: Path, seconds: float = 7.0) -> None:
    """`seconds` after a parent's death nothing works below `root`; the test fails with the names of what does."""
    deadline = time.monotonic() + seconds
    while left := processes(root):
        if time.monotonic() > deadline:
            alive = [process.as_dict(["pid", "ppid", "cmdline"]) for process in left]
            pytest.fail(f"alive after {seconds:.0f} s: {alive}")
        time.sleep(0.1)


def kill_group(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def checkpoints(project: Project) -> list[Path]:
    return list((project.root / ".checkpoints").rglob("state.safetensors"))


def log_of(project: Project) -> str:
    """What the last `popen` printed."""
    return (project.root / "process.log").read_text(errors="replace")


def no_traceback(text: str) -> None:
    at = text.find("Traceback")
    assert at < 0, text[max(0, at - 1000) : at + 4000]
