"""What a killed `dvc` leaves half written is set right before DVC would refuse it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flows.execution import dvc
from flows.execution.mend import mend, whole_lock

STAGES = "stages:\n  make:\n    cmd: echo 1 > out\n    params: [size]\n    outs: [out]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for command in (["git", "init", "-q"], [dvc.executable(), "init", "-q"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / "dvc.yaml").write_text(STAGES)
    (tmp_path / "params.yaml").write_text("size: null\n")
    assert dvc.repro(tmp_path, on_line=lambda _: None).ran == ("make",)
    return tmp_path


def commit(project: Path) -> None:
    me = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    subprocess.run(["git", *me, "commit", "-qm", "Start"], cwd=project, check=True)


@pytest.mark.slow
def test_an_empty_table_is_no_obstacle(project: Path) -> None:
    table = project / ".dvc" / "tmp" / "rwlock"
    table.write_bytes(b"")
    assert dvc.up_to_date(project)
    table.write_text('{"read": {}, "write": {}}')
    assert mend(project) == []
    assert table.is_file()


@pytest.mark.slow
def test_a_lock_file_that_was_cut_off_comes_back_and_nothing_runs_again(project: Path) -> None:
    lock = project / "dvc.lock"
    whole = lock.read_bytes()
    lock.write_bytes(b"")
    said: list[str] = []
    assert dvc.repro(project, on_line=said.append).ran == ()  # from the run-cache
    assert "dvc.lock was cut off by a kill: removed" in said
    assert lock.read_bytes() == whole
    commit(project)
    lock.write_bytes(whole[: len(whole) // 2])
    assert mend(project) == ["dvc.lock was cut off by a kill: the committed one is back"]
    assert lock.read_bytes() == whole


def test_what_no_kill_leaves_is_for_people_to_mend(tmp_path: Path) -> None:
    conflict = b"schema: '2.0'\n<<<<<<< HEAD\nstages: {}\n=======\nstages:\n>>>>>>> theirs\n"
    (tmp_path / "dvc.lock").write_bytes(conflict)
    assert mend(tmp_path) == []
    assert (tmp_path / "dvc.lock").read_bytes() == conflict


def test_every_beginning_of_a_lock_file_is_known_for_what_it_is() -> None:
    whole = (Path(__file__).parents[3] / "dvc.lock").read_bytes()
    assert whole_lock(whole)
    ends = [i + 1 for i in range(1200) if whole[i : i + 1] == b"\n"]
    assert not any(whole_lock(whole[:end]) for end in range(0, 1200, 7) if end not in ends)
    # A beginning of whole lines is taken only where DVC would take it, too: its last stage then knows less than it did.
    begun = b"schema: '2.0'\nstages:\n  make:\n    cmd: echo\n    deps:\n"
    assert not whole_lock(begun)
    assert whole_lock(begun + b"    - path: a\n      md5: b\n")
