"""How a child ended is one line of words, whichever way its exit code says it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from components.common.machine.endings import ending, first_death, killer, lost_worker


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "killed by signal 9 (SIGKILL, probably out of memory)"),
        (137, "killed by signal 9 (SIGKILL, probably out of memory)"),
        (-11, "killed by signal 11 (SIGSEGV, a fault in compiled code)"),
        (-15, "killed by signal 15 (SIGTERM)"),
        (3, "ended with code 3"),
        (255, "ended with code 255"),
        (-200, "ended with code -200"),
    ],
)
def test_words(code: int, words: str) -> None:
    assert ending(code) == words


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_real_child(sign: signal.Signals) -> None:
    done = subprocess.run([sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(sign)})"])
    assert killer(done.returncode) == sign
    assert sign.name in ending(done.returncode)


def test_the_first_death_of_a_pool_is_not_that_of_those_it_ended_itself() -> None:
    assert first_death([-15, 0, -11, None, -15]).startswith("killed by signal 11")
    assert first_death([0, None, -15]) == ""


def test_a_loader_whose_worker_died_is_told_in_one_line() -> None:
    error = RuntimeError("DataLoader worker (pid 123) is killed by signal: Killed. ")
    assert "is killed by signal: Killed, probably" in lost_worker(error)
    assert "exited unexpectedly" in lost_worker(RuntimeError("DataLoader worker (pid(s) 5, 6) exited unexpectedly"))
    assert lost_worker(RuntimeError("shapes differ")) == ""
