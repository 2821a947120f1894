"""Ctrl-C, SIGTERM and SIGHUP end a command in one line, and a training at the end of its step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.common.machine.interruption import (
    ECHO_SECONDS,
    SIGNALS,
    Interruption,
    deferred,
    exit_code_of,
    ignored_by_children,
    interruptible,
)

ROOT = Path(__file__).parents[4]
WORK = """
import sys, time
from components.runner.command import run_command
def work():
    print("ready", flush=True)
    time.sleep(60)
sys.exit(run_command(work, after_interrupt="go on with: this"))
"""


@pytest.fixture(autouse=True)
def quiet_second() -> None:
    """An echo is a signal within a second of another; tests come faster than that."""
    time.sleep(ECHO_SECONDS)


@pytest.mark.parametrize("sign", SIGNALS)
def test_each_signal_is_one_line_and_a_shells_code(sign: signal.Signals) -> None:
    command = [sys.executable, "-c", WORK]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(sign)
        assert process.stderr.read() == "interrupted; go on with: this\n"
        assert process.wait() == 128 + sign


class Waste:
    """Interrupted while it is cleaned up: what is raised there is lost."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_in_a_finalizer_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        with interruptible():
            Waste()
            time.sleep(10)

    with pytest.raises(Interruption) as caught:
        work()
    assert caught.value.number == signal.SIGTERM
    assert "ignored" not in capsys.readouterr().err


def test_a_step_is_finished_first() -> None:
    steps = []

    def train() -> None:
        with interruptible(), deferred() as wish:
            for step in range(3):
                os.kill(os.getpid(), signal.SIGTERM)
                steps.append(step)
                wish.fulfil()

    with pytest.raises(Interruption) as caught:
        train()
    assert steps == [0]
    assert exit_code_of(caught.value) == 143


def test_an_echo_is_no_second_wish_but_a_later_one_ends_at_once() -> None:
    numbers = []

    def train() -> None:
        with deferred() as wish:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
            numbers.append(wish.number)
            time.sleep(ECHO_SECONDS + 0.1)
            os.kill(os.getpid(), signal.SIGINT)
            numbers.append(wish.number)

    with pytest.raises(Interruption):
        train()
    assert numbers == [signal.SIGTERM]


def test_handlers_are_as_before() -> None:
    before = [signal.getsignal(sign) for sign in SIGNALS]
    with interruptible(), deferred(), ignored_by_children():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert [signal.getsignal(sign) for sign in SIGNALS] == before


def test_what_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
