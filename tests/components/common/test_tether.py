"""The workers of a pool die with the process that made the pool, even by kill -9."""

from __future__ import annotations

import subprocess
import sys

import psutil

from tests.chaos.tools import wait_for

POOL = "import time; from components.common.parallel import map_clips; map_clips(time.sleep, [60.0, 60.0], 2, 'sleep')"


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_workers_of_a_pool_die_with_its_maker() -> None:
    maker = subprocess.Popen([sys.executable, "-c", POOL], start_new_session=True)
    family = psutil.Process(maker.pid)
    # The resource tracker, the fork server and its two workers.
    wait_for("the workers start", lambda: len(family.children(recursive=True)) >= 4, 30, 0.05)
    members = family.children(recursive=True)
    maker.kill()
    maker.wait()
    wait_for("every worker ends", lambda: all(is_gone(member) for member in members), 2, 0.02)
