"""The clock jumps in the middle of a training: a day ahead, then ten years back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.clock import Clock
from tests.chaos.tools import checkpoints, log_of, no_traceback, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

DAY = 86_400


@pytest.mark.slow
@pytest.mark.scenario("clock jump: the injected clock itself")
def test_the_clock_of_these_tests_jumps(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    clock.jump(DAY)
    environment = {**os.environ, **clock.environment}
    shown = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"], env=environment, capture_output=True
    )
    assert 0.5 * DAY < float(shown.stdout) - time.time() < 1.5 * DAY


@pytest.mark.scenario("clock jump in the middle of a training")
def test_a_training_does_not_mind(project: Project, tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    project.set("train_style_e.steps", 200)
    project.set("train_style_e.checkpoint_every", 20)
    running = project.popen("dvc", "repro", "-s", "train_style_e", env=clock.environment)
    wait_for("a checkpoint", lambda: checkpoints(project) or running.poll() is not None)
    clock.jump(DAY)
    (stamp,) = checkpoints(project)
    seen = stamp.stat().st_mtime_ns
    wait_for("the next", lambda: not stamp.exists() or stamp.stat().st_mtime_ns != seen or running.poll() is not None)
    clock.jump(-3650 * DAY)
    assert running.wait(300) == 0, log_of(project)[-3000:]
    no_traceback(log_of(project))
    jumped = project.hashes()["models/style_e"]
    project.run("dvc", "repro", "-s", "-f", "train_style_e")
    assert project.hashes()["models/style_e"] == jumped


@pytest.mark.slow
@pytest.mark.scenario("clock jump: files from the future and the past")
def test_times_of_files_decide_nothing(project: Project) -> None:
    before = project.hashes()
    folders = [project.root / name for name in ("data", "models", "components")]
    for number, path in enumerate(path for folder in folders for path in folder.rglob("*")):
        moment = time.time() + (400 * DAY if number % 2 else -9000 * DAY)
        os.utime(path, (moment, moment))
    assert project.repro() == (set(), set())
    assert project.hashes() == before
