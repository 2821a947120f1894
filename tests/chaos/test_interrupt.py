"""Ctrl-C, SIGTERM and SIGHUP: one line, a checkpoint, no orphan, and the same bytes in the end."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.chaos.tools import checkpoints, log_of, no_orphan, no_traceback, processes, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


@pytest.mark.scenario("Ctrl-C and SIGTERM in the middle of a training: its state is saved at that step")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_goes_on(project: Project, sign: signal.Signals) -> None:
    for name in ("art", "motion"):
        project.set(f"train_style_a.{name}.steps", 40)
    project.set("train_style_a.checkpoint_every", 1000)
    project.set("train_style_a.log_every", 1)
    plots = [project.root / "plots" / f"train_style_a_{name}.csv" for name in ("art", "motion")]
    for path in plots:
        path.unlink()
    running = project.popen("dvc", "repro", "-s", "train_style_a")
    wait_for("both phases train", lambda: all(path.is_file() for path in plots) or running.poll() is not None, 300)
    if sign is signal.SIGINT:
        os.killpg(running.pid, sign)  # a terminal sends it to all
    else:
        (launcher,) = processes(project.root, "components.runner.launch")
        launcher.send_signal(sign)
    assert running.wait(120) != 0
    text = log_of(project)
    no_traceback(text)
    assert "interrupted; `dvc repro train_style_a` goes on from the last checkpoint" in text
    no_orphan(project.root, 10)
    assert len(checkpoints(project)) == 2
    text = project.run("dvc", "repro", "-s", "train_style_a")
    assert text.count("resumed from the checkpoint of step") == 2
    resumed = project.hashes()["models/style_a"]
    project.run("dvc", "repro", "-s", "-f", "train_style_a")
    assert project.hashes()["models/style_a"] == resumed


@pytest.mark.scenario("Ctrl-C of a retraining with its temporary server, in its first second and in a training")
@pytest.mark.parametrize("moment", ["while it loads", "in a training"])
def test_an_interrupted_retraining_ends_soon_and_in_words(project: Project, moment: str) -> None:
    project.set("train_style_e.steps", 4000)
    running = project.popen(sys.executable, "-m", "flows.retrain")
    if moment == "in a training":
        wait_for("it trains", lambda: checkpoints(project) or running.poll() is not None, 400)
    else:
        # Not earlier: before the flows' own first line only Python could be quiet.
        maps = Path(f"/proc/{running.pid}/maps")
        wait_for("it loads Prefect", lambda: "pydantic_core" in maps.read_text(), 60, 0.01)
    assert running.poll() is None, log_of(project)[-3000:]
    os.killpg(running.pid, signal.SIGINT)
    running.wait(60)
    text = log_of(project)
    no_traceback(text)
    no_orphan(project.root, 15)
    if moment == "in a training":
        assert running.returncode == 130
        assert "interrupted; what is finished is kept: run it again to go on" in text.splitlines()
