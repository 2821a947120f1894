"""In front of each stage that DVC starts: sees it end, and says in one line why when it cannot say so itself.

The stage runs as a child, since a process that is killed explains nothing. Ctrl-C reaches only this process, which asks
the stage to end; what has not loaded its modules yet, and every worker, would answer Ctrl-C with a traceback. Loads the
standard library only: it stays in memory as long as the stage.

Example: ``dvc repro prepare``
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

from components.common.errors import UserError
from components.common.machine.endings import ending, killer
from components.common.machine.interruption import OF_TERMINALS, SIGNALS
from components.common.machine.places import settle, temporary
from components.common.parent_death import die_with_parent, tethered

ORPHAN_SECONDS = 5.0
SHELL = 128  # plus the signal's number is a shell's exit code


def launch(module: str, arguments: list[str]) -> int:
    """Run `python -m <module>` to its end; returns its exit code, a killed one's as shells do."""
    die_with_parent()
    try:
        settle()
        temporary()
    except UserError as error:  # before seconds of loading, which need those places, too
        _say(f"error: {error}")
        return error.exit_code
    heard = [sign for sign in SIGNALS if signal.getsignal(sign) is not signal.SIG_IGN]  # `nohup` wants not to hear
    for sign in OF_TERMINALS:
        signal.signal(sign, signal.SIG_IGN)  # inherited by the stage and all that it starts
    child = subprocess.Popen(tethered([sys.executable, "-m", module, *arguments]))
    parent = os.getppid()
    asked: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        child.terminate()
        if os.getppid() != parent:  # `dvc` is gone: the stage may save its state, but not stay
            end = threading.Timer(ORPHAN_SECONDS, child.kill)
            end.daemon = True
            end.start()

    for sign in heard:
        signal.signal(sign, pass_on)
    code = child.wait()
    stage = os.environ.get("DVC_STAGE") or module
    if asked:
        if code == -signal.SIGTERM:  # before it could say so itself
            _say(f"interrupted; `dvc repro {stage}` starts it again")
        return SHELL + asked[0] if code else 0
    if code < 0:
        _say(f"error: {stage} was {ending(code)}; `dvc repro {stage}` goes on or starts it again")
    return SHELL + (killer(code) or 0) if code < 0 else code


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1], sys.argv[2:]))
