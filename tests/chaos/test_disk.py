"""Disks that are full or read-only: one line says so, nothing half-written is used, and freed space is enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.mounts import MEGABYTE, Mounts, fill
from tests.chaos.tools import checkpoints, log_of, no_traceback, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

FULL = "no space left on the disk"


def size_of(folder: Path) -> int:
    return int(subprocess.run(["du", "-sb", str(folder)], capture_output=True, text=True, check=True).stdout.split()[0])


def train_long(project: Project) -> None:
    project.set("train_style_e.steps", 200)
    project.set("train_style_e.checkpoint_every", 20)


@pytest.mark.scenario("14: the disk is full when a checkpoint is written")
def test_a_checkpoint_that_does_not_fit(project: Project, mounts: Mounts, tmp_path: Path) -> None:
    train_long(project)
    disk = mounts.disk(tmp_path / "disk", 24 * MEGABYTE)
    elsewhere = {"STYLE2TALKER_CHECKPOINTS": str(disk)}
    command = ("dvc", "repro", "-s", "train_style_e")
    running = project.popen(*command, env=elsewhere)
    wait_for("a checkpoint", lambda: list(disk.rglob("state.safetensors")) or running.poll() is not None)
    (first,) = disk.rglob("state.safetensors")
    # The next one is written beside the last before it takes its name: half of it fits.
    filler = fill(disk, leave=first.stat().st_size // 2)
    assert running.wait(300) != 0
    text = log_of(project)
    assert FULL in text
    no_traceback(text)
    assert [path for path in disk.rglob("*") if path.is_file() and path != filler] == [first]
    filler.unlink()
    text = project.run(*command, env=elsewhere)
    assert "resumed from the checkpoint of step" in text
    resumed = project.hashes()["models/style_e"]
    project.run("dvc", "repro", "-s", "-f", "train_style_e")
    assert project.hashes()["models/style_e"] == resumed


@pytest.mark.scenario("14: the disk of the whole project is full in the middle of a training")
def test_a_project_on_a_full_disk(finished_project: Project, mounts: Mounts, tmp_path: Path) -> None:
    disk = mounts.disk(tmp_path / "disk", size_of(finished_project.root) * 5 // 4 + 24 * MEGABYTE)
    project = finished_project.copy(disk / "project")
    train_long(project)
    log = tmp_path / "log"
    running = project.popen("dvc", "repro", "-s", "train_style_e", log=log)
    wait_for("a checkpoint", lambda: checkpoints(project) or running.poll() is not None)
    filler = fill(disk)
    assert running.wait(300) != 0
    assert FULL in log.read_text()
    no_traceback(log.read_text())
    filler.unlink()
    assert "resumed from the checkpoint of step" in project.run("dvc", "repro", "-s", "train_style_e")
    assert project.repro("-s", "train_style_e") == (set(), set())


@pytest.mark.scenario("14: a retraining is not even started on a disk that is nearly full")
def test_a_small_disk_is_seen_before_any_work(tmp_path: Path, mounts: Mounts) -> None:
    project = Project.make(mounts.disk(tmp_path / "disk", 24 * MEGABYTE) / "project")
    elsewhere = {"PREFECT_HOME": str(tmp_path / "prefect")}
    done = project.completed(sys.executable, "-m", "flows.retrain", env=elsewhere)
    assert done.returncode == 2, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert "GB free" in line
    no_traceback(done.stdout)
    # And a stage that starts all the same ends as it should.
    fill(project.root.parent)
    done = project.completed("dvc", "repro", "-s", "fit_regressor")
    assert done.returncode != 0
    assert "No space left" in done.stdout or FULL in done.stdout
    no_traceback(done.stdout)


@pytest.mark.scenario("read-only data folder")
def test_a_read_only_data_folder(project: Project, mounts: Mounts) -> None:
    before = project.hashes()
    mounts.read_only(project.root / "data")
    # What only reads data does not mind.
    project.run("dvc", "repro", "-s", "-f", "train_style_e")
    assert project.hashes() == before
    # What writes it says why it cannot, and breaks nothing.
    done = project.completed("dvc", "repro", "-s", "-f", "annotate")
    assert done.returncode != 0
    assert "Read-only file system" in done.stdout or "cannot be written" in done.stdout
    no_traceback(done.stdout)
    mounts.release(project.root / "data")
    assert project.repro() == (set(), set())
    assert project.hashes() == before
