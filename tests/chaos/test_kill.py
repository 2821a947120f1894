"""kill -9 in the middle of a training: of everything, and of `dvc` alone."""

from __future__ import annotations

import pytest

from tests.chaos.tools import STAGE_A, STAGE_E, checkpoints, kill_group, log_of, no_orphan, processes, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


def long_style_e(project: Project, steps: int = 80) -> None:
    project.set("train_style_e.steps", steps)
    project.set("train_style_e.checkpoint_every", 10)


@pytest.mark.slow
@pytest.mark.scenario("6: kill -9 of trainer and dvc at about half of the training")
def test_a_killed_training_resumes_and_ends_in_the_same_bytes(project: Project, finished_project: Project) -> None:
    long_style_e(project)
    running = project.popen("dvc", "repro", "-s", "train_style_e")
    wait_for("a checkpoint", lambda: checkpoints(project) or running.poll() is not None)
    kill_group(running.pid)
    running.wait()
    wait_for("everything ends", lambda: not processes(project.root), 10)
    assert checkpoints(project)
    text = project.run("dvc", "repro", "-s", "train_style_e")
    resumed = project.hashes()["models/style_e"]
    assert "resumed from the checkpoint of step" in text
    assert not checkpoints(project)
    project.run("dvc", "repro", "-s", "-f", "train_style_e")
    assert project.hashes()["models/style_e"] == resumed
    assert resumed != finished_project.hashes()["models/style_e"]


@pytest.mark.slow
@pytest.mark.scenario("7: kill -9 of dvc alone, Style-E")
def test_no_trainer_outlives_dvc(project: Project) -> None:
    long_style_e(project, 4000)
    running = project.popen("dvc", "repro", "-s", "train_style_e")
    wait_for("the trainer trains", lambda: checkpoints(project) or running.poll() is not None)
    assert processes(project.root, STAGE_E)
    running.kill()
    running.wait()
    no_orphan(project.root)
    long_style_e(project, 24)
    assert project.repro("-s", "train_style_e") == ({"train_style_e"}, set())


@pytest.mark.scenario("7: kill -9 of dvc alone, Style-A with its two phases in two processes")
def test_no_phase_outlives_dvc(project: Project) -> None:
    project.set("train_style_a.art.steps", 4000)
    project.set("train_style_a.motion.steps", 4000)
    running = project.popen("dvc", "repro", "-s", "train_style_a")
    wait_for("both phases train", lambda: len(checkpoints(project)) == 2 or running.poll() is not None)
    assert len(processes(project.root, STAGE_A)) >= 1
    assert len(processes(project.root)) >= 3
    running.kill()
    running.wait()
    no_orphan(project.root)


@pytest.mark.scenario("7: kill -9 of dvc alone, while a process pool works")
def test_no_pool_worker_outlives_dvc(project: Project) -> None:
    project.set("prepare.clips", 60)
    running = project.popen("dvc", "repro", "-s", "prepare")

    def workers() -> int:
        return len(processes(project.root, "multiprocessing.forkserver"))

    wait_for("the pool works", lambda: workers() >= 3 or running.poll() is not None)
    assert workers() >= 3, log_of(project)[-2000:]
    running.kill()
    running.wait()
    no_orphan(project.root)
