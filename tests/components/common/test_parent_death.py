"""No orphans: a stage dies with `dvc`, and a program that was started tied dies with who started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from components.common.parent_death import EXIT_ENDED, tethered

ROOT = Path(__file__).parents[3]
STAGE = """
import os, sys, time
from components.common.parent_death import die_with_parent
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(float(sys.argv[2]))
die_with_parent()
open(sys.argv[1] + ".tied", "w").close()
time.sleep(60)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
TETHERING = """
import subprocess, sys
from components.common.parent_death import tethered
subprocess.run(tethered([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]))
"""


def wait_until_gone(pid: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            pytest.fail(f"process {pid} lives on")
        time.sleep(0.02)


def wait_for_text(path: Path, seconds: float = 30) -> str:
    deadline = time.monotonic() + seconds
    while not (path.is_file() and path.read_text()):
        if time.monotonic() > deadline:
            pytest.fail(f"{path} is not written")
        time.sleep(0.02)
    return path.read_text()


@pytest.mark.parametrize("delay", [0.0, 1.0])
def test_a_stage_dies_with_dvc_even_when_dvc_was_killed_before_it_could_ask(tmp_path: Path, delay: float) -> None:
    note, tied = tmp_path / "pid", tmp_path / "pid.tied"
    environment = {**os.environ, "DVC_STAGE": "train"}
    command = [sys.executable, "-c", PARENT, STAGE, str(note), str(delay)]
    parent = subprocess.Popen(command, env=environment, start_new_session=True)
    stage = int(wait_for_text(note))
    while not delay and not tied.is_file():
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    wait_until_gone(stage)
    assert tied.is_file() == (delay == 0.0)


def test_a_tethered_program_dies_with_its_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", TETHERING], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_until_gone(child)


def test_a_tethered_program_keeps_its_arguments_output_and_exit_code() -> None:
    command = tethered([sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(3)", "a b", "-S"])
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "['a b', '-S']\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a command stays as it is")
def test_a_parent_that_died_before_the_kernel_was_asked_starts_nothing() -> None:
    command = tethered([sys.executable, "-c", "print('started')"])
    command[command.index(str(os.getpid()))] = "1"  # whoever asked is not the parent any more
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (EXIT_ENDED, "")


def test_nobody_else_asks_the_kernel() -> None:
    modules = [path for package in ("components", "evaluation", "flows") for path in (ROOT / package).rglob("*.py")]
    assert [path.name for path in modules if "prctl(" in path.read_text()] == ["parent_death.py"]
