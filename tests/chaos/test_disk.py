"""Disks that are full or read-only: one line says so, nothing half-written is used, and freed space is enough."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.tools import checkpoints, log_of, no_traceback, wait_for
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

MEGABYTE = 1 << 20
FULL = "no space left on the disk"


class Mounts:
    """Mounts that are gone after the test."""

    def __init__(self) -> None:
        self.places: list[Path] = []

    def mount(self, place: Path, *arguments: str) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(place)], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
        self.places.append(place)
        return place

    def disk(self, place: Path, size: int) -> Path:
        """A disk of `size` bytes in memory."""
        return self.mount(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")

    def read_only(self, place: Path) -> None:
        """The folder as it is, but not writable, not even by root."""
        self.mount(place, "--bind", str(place))
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)

    def release(self, place: Path) -> None:
        subprocess.run(["umount", "-l", str(place)], check=True)
        self.places.remove(place)


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    made = Mounts()
    yield made
    for place in reversed(made.places):
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all but `leave` bytes of a disk."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"\0" * 65536)
        except OSError:
            pass
    if leave:
        with path.open("r+b") as stream:
            stream.truncate(max(0, path.stat().st_size - leave))
    return path


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
