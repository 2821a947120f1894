"""How a child process ended, in words: a signal is named, with its likely cause. Standard library only."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable

SHELL = 128  # what shells, and DVC behind them, add to the number of a signal
CAUSES = {
    signal.SIGKILL: "probably out of memory",
    signal.SIGSEGV: "a fault in compiled code",
    signal.SIGBUS: "a fault in compiled code, or a full disk under a mapped file",
    signal.SIGILL: "code compiled for another processor",
    signal.SIGABRT: "given up by compiled code, perhaps out of memory",
    signal.SIGXCPU: "over its limit of processor time",
    signal.SIGXFSZ: "over its limit of file size",
}


def killer(code: int) -> int | None:
    """The signal that ended a process of this exit code, the system's (-9) or a shell's (137); None for none."""
    number = -code if code < 0 else code - SHELL
    return number if number in {*signal.Signals} else None


def ending(code: int) -> str:
    """`killed by signal 9 (SIGKILL, probably out of memory)`, or `ended with code 3`."""
    number = killer(code)
    if number is None:
        return f"ended with code {code}"
    sign = signal.Signals(number)
    return f"killed by signal {number} ({', '.join(filter(None, (sign.name, CAUSES.get(sign, ''))))})"


def first_death(codes: Iterable[int | None]) -> str:
    """How the first of a broken pool's workers died; "" where no exit code tells. A pool terminates the others."""
    dead = [code for code in codes if code not in (None, 0, -signal.SIGTERM)]
    return ending(int(dead[0] or 0)) if dead else ""


def lost_worker(error: BaseException) -> str:
    """In one line, where a torch loader says that a worker process of its died; "" for another error."""
    match = re.search(r"DataLoader worker \(pid.*\) (is killed by signal: .+|exited unexpectedly)", str(error))
    if match is None:
        return ""
    return f"a process that drew batches {match[1].rstrip('. ')}, probably out of memory; run it again"
