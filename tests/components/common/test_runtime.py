"""No orphans: a stage dies with `dvc`, and the workers of a pool die with the process that made it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

STAGE = """
import os, sys, time
from components.common.runtime import die_with_parent
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(float(sys.argv[2]))
die_with_parent()
open(sys.argv[1] + ".tied", "w").close()
time.sleep(60)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
POOL = "import time; from components.common.parallel import map_clips; map_clips(time.sleep, [60.0, 60.0], 2, 'sleep')"


def wait_for(what: str, true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"not within {seconds:.0f} s: {what}")


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("delay", [0.0, 1.0])
def test_a_stage_dies_with_dvc_even_when_dvc_was_killed_before_it_could_ask(tmp_path: Path, delay: float) -> None:
    note = tmp_path / "pid"
    environment = {**os.environ, "DVC_STAGE": "train"}
    command = [sys.executable, "-c", PARENT, STAGE, str(note), str(delay)]
    parent = subprocess.Popen(command, env=environment, start_new_session=True)
    wait_for("the stage starts", lambda: note.is_file() and note.read_text())
    if not delay:
        wait_for("the stage is tied", (tmp_path / "pid.tied").is_file)
    parent.kill()
    parent.wait()
    wait_for("the stage ends", lambda: gone(int(note.read_text())))
    assert (tmp_path / "pid.tied").is_file() == (delay == 0.0)


def test_workers_of_a_pool_die_with_its_maker() -> None:
    maker = subprocess.Popen([sys.executable, "-c", POOL], start_new_session=True)
    family = psutil.Process(maker.pid)
    # The resource tracker, the fork server and its two workers.
    wait_for("the workers start", lambda: len(family.children(recursive=True)) >= 4)
    found = family.children(recursive=True)
    maker.kill()
    maker.wait()
    wait_for("every worker ends", lambda: all(gone(process.pid) for process in found), 2)
