"""A lock keeps others out, and a killed holder frees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.common.locks import hold, is_held, lock, try_lock

HOLDER = """
import sys, time
from pathlib import Path
from components.common.locks import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `path`."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_waits_once_until_the_first_is_killed(path: Path, holder: subprocess.Popen[str]) -> None:
    calls: list[int] = []

    def kill() -> None:
        calls.append(1)
        holder.kill()

    with hold(path, kill):
        assert holder.wait() != 0
    assert calls == [1]


def test_who_asks_does_not_wait(path: Path, holder: subprocess.Popen[str]) -> None:
    assert is_held(path)
    with path.open("ab") as stream:
        assert not try_lock(stream)
    holder.kill()
    holder.wait()
    assert not is_held(path)
    with path.open("ab") as stream:
        assert try_lock(stream)
        assert is_held(path)


def test_a_free_lock_calls_nobody_and_ends_with_its_block(path: Path) -> None:
    def fail() -> None:
        pytest.fail("nobody holds it")

    for _ in range(2):
        with hold(path, fail):
            assert is_held(path)
        assert not is_held(path)


def test_a_stream_is_held_until_it_is_closed(path: Path) -> None:
    stream = path.open("w")
    lock(stream)
    assert is_held(path)
    stream.close()
    assert not is_held(path)


def test_a_question_neither_makes_nor_changes_a_file(path: Path) -> None:
    assert not is_held(path)
    assert not path.exists()
    path.write_text("content")
    with hold(path):
        assert is_held(path)
    assert path.read_text() == "content"


def test_an_error_inside_the_block_frees_it(path: Path) -> None:
    with pytest.raises(KeyError), hold(path):
        raise KeyError
    assert not is_held(path)


def test_nobody_else_locks_files_by_hand() -> None:
    modules = [path for package in ("components", "evaluation", "flows") for path in (ROOT / package).rglob("*.py")]
    assert [path.name for path in modules if "import fcntl" in path.read_text()] == ["locks.py"]
