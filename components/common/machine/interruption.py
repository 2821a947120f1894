"""Ctrl-C, SIGTERM and SIGHUP are one thing: the work ends at the next good moment, in one line.

A command raises `KeyboardInterrupt` for each of them (`interruptible`). A training waits for the end of its step
(`deferred`), saves its state and ends then. Children of a pool never see Ctrl-C: who made the pool ends them.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ECHO_SECONDS = 1.0
SOON = 0.05  # seconds
OF_TERMINALS = (signal.SIGINT, signal.SIGHUP)  # they come to every process of a group
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption(KeyboardInterrupt):
    """A signal asked the process to end. number: which."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.number = number


def exit_code_of(interruption: KeyboardInterrupt) -> int:
    """As shells count: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + getattr(interruption, "number", signal.SIGINT)


_last: dict[str, float] = {}  # when this process was last asked to end


def _is_news() -> bool:
    """False for the echo of a signal: who ends a whole process group may ask a child through its parent, too."""
    now, before = time.monotonic(), _last.get("asked", -math.inf)
    _last["asked"] = now
    return now - before > ECHO_SECONDS


def _raise(number: int, frame: FrameType | None) -> None:
    if _is_news():
        raise Interruption(number)


@contextmanager
def _handling(handler: Any, signals: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Handle signals for the block, except those that somebody made this process ignore (`nohup`)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = {sign: signal.getsignal(sign) for sign in signals if signal.getsignal(sign) is not signal.SIG_IGN}
    for sign in taken:
        signal.signal(sign, handler)
    try:
        yield
    finally:
        for sign, before in taken.items():
            signal.signal(sign, before if before is not None else signal.SIG_DFL)


@contextmanager
def interruptible() -> Iterator[None]:
    """Each of the signals raises `Interruption` in the block."""
    with _handling(_raise, SIGNALS), _asked_again():
        yield


@contextmanager
def _asked_again() -> Iterator[None]:
    """What was raised within a finalizer or a weak reference's callback, Python prints and forgets: ask again soon."""
    before = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if not isinstance(lost.exc_value, Interruption):
            before(lost)
            return
        _last.clear()  # it was heard, but not obeyed: the next is no echo
        again = threading.Timer(SOON, os.kill, (os.getpid(), lost.exc_value.number))
        again.daemon = True
        again.start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


class Wish:
    """Whether somebody asked the process to end."""

    def __init__(self) -> None:
        self.number = 0

    def fulfil(self) -> None:
        """Raise `Interruption` if so: now is a good moment."""
        if self.number:
            raise Interruption(self.number)


@contextmanager
def deferred() -> Iterator[Wish]:
    """Signals become a wish for the block; a later second one is no wish any more and raises at once."""
    wish = Wish()

    def note(number: int, frame: FrameType | None) -> None:
        if _is_news() and wish.number:
            raise Interruption(number)
        wish.number = wish.number or number

    with _handling(note, SIGNALS):
        yield wish


@contextmanager
def ignored_by_children() -> Iterator[None]:
    """Processes that start in the block hear neither Ctrl-C nor a hangup: who started them tells them when to end."""
    with _handling(signal.SIG_IGN, OF_TERMINALS):
        yield
