"""DVC as the flows see it: run stages, know what ran.

What it has locked: `runner/dvc_lock.py`; how it hashes: `runner/dvc_cache.py`.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.errors import UserError
from components.common.machine.endings import ending
from components.runner.dvc_cache import tree_hash as tree_hash
from components.runner.dvc_lock import DvcLock
from flows.execution.mend import mend
from flows.execution.processes import CommandError, stream

WATCHER = "list_footage"  # runs at every `dvc repro`; only what it leaves tells whether there is anything to do
PREFIX = ("prepare", "fit_regressor", "extract_coefficients", "annotate")
TRAININGS = ("train_style_e", "train_style_a")
LAST = "evaluate"
BUSY = "is busy"  # what DVC says of a path that another `dvc` reads or writes
BUSY_SECONDS = (5, 10, 20, 30)  # between tries; the last again and again
BUSY_HOURS = 24.0  # another run may be a training; DVC itself forgets holders that were killed


class Busy(UserError):
    """Another `dvc` is at work on the same paths."""


@dataclass(frozen=True)
class Outcome:
    """What `dvc repro` did: stages that ran, and stages restored from the run-cache. Others were up to date.

    The stage that lists the footage always runs, and is left out.
    """

    ran: tuple[str, ...]
    cached: tuple[str, ...]


def executable() -> str:
    """`dvc` of the running interpreter's environment."""
    beside = Path(sys.executable).with_name("dvc")
    return str(beside) if beside.exists() else shutil.which("dvc") or "dvc"


def read_outcome(lines: list[str]) -> Outcome:
    """Parse the output of `dvc repro`."""
    ran = tuple(line.split("'")[1] for line in lines if line.startswith("Running stage '"))
    ran = tuple(stage for stage in ran if stage != WATCHER)
    cached = tuple(line.split("'")[1] for line in lines if "is cached - skipping run" in line)
    return Outcome(ran, cached)


def repro(
    root: Path,
    *targets: str,
    on_line: Callable[[str], None],
    single: bool = False,
    environment: Mapping[str, str] | None = None,
    on_tick: Callable[[], None] = lambda: None,
) -> Outcome:
    """`dvc repro`, tried again while another DVC process holds what it needs, for a day at most.

    single: run the named stages alone (`-s`), which lets two trainings run side by side.
    on_tick: called about once a second; what it raises ends the stage and everything it started.
    """
    command = [
        executable(),
        "--wait-for-lock",
        "repro",
        *(["-s"] if single else []),
        *targets,
    ]
    for line in mend(root):
        on_line(line)
    deadline = time.monotonic() + BUSY_HOURS * 3600
    for attempt in itertools.count():
        lines: list[str] = []

        def keep(line: str, lines: list[str] = lines) -> None:
            lines.append(line)
            on_line(line)

        try:
            stream(command, keep, cwd=root, environment={**_environment(), **(environment or {})}, on_tick=on_tick)
            return read_outcome(lines)
        except CommandError as error:
            if not any(BUSY in line for line in error.tail) or time.monotonic() > deadline:
                raise
        if attempt == 0:
            on_line("another `dvc` is at work here; trying again until it ends")
        for _ in range(BUSY_SECONDS[min(attempt, len(BUSY_SECONDS) - 1)]):
            on_tick()
            time.sleep(1)
    raise AssertionError("unreachable")


def _environment() -> dict[str, str]:
    """Stages find the running interpreter, and write their lines as they come."""
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}", "PYTHONUNBUFFERED": "1"}


def run(folder: Path, *arguments: str) -> str:
    """A short DVC command; its output. Fails with its last line: `Busy` where another is at work, else `UserError`."""
    mend(folder)
    process = subprocess.run(
        [executable(), *arguments],
        cwd=folder,
        env={**os.environ, **_environment()},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if process.returncode != 0:
        last_line = ((process.stderr or process.stdout).strip().splitlines() or [ending(process.returncode)])[-1]
        name = next((word for word in arguments if not word.startswith("-")), "")
        if BUSY in process.stderr + process.stdout:  # DVC's own last line would advise to delete its lock
            raise Busy(f"another `dvc` is at work in {folder}; try again when it has ended")
        raise UserError(f"dvc {name} failed in {folder}: {last_line[:200]}")
    return process.stdout


def up_to_date(root: Path) -> bool:
    """Whether `dvc repro` would find nothing to do: code, data, parameters and outputs are as `dvc.lock` says."""
    try:
        if WATCHER in DvcLock.read(root).declared:
            run(root, "--wait-for-lock", "repro", "-q", "-s", WATCHER)
        changed: dict[str, Any] = json.loads(run(root, "--wait-for-lock", "status", "--json"))
    except Busy:
        return False  # another `dvc` runs a stage at this moment
    return not changed.keys() - {WATCHER}
