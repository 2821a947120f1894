"""End a process when its parent dies, however the parent dies: no orphan trains on after `dvc` or a flow was killed.

Linux's kernel sends the signal (`prctl(2)`, PR_SET_PDEATHSIG); elsewhere nothing happens. For another program this file
itself is run in front of it, alone and without site-packages, hence it imports nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>
EXIT_ENDED = 128 + signal.SIGTERM  # a shell's exit code of a process that SIGTERM has ended


def signal_on_parents_death() -> None:
    """Ask the kernel to end this process when its parent dies. The wish survives `exec`, not `fork`."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def die_with_parent() -> None:
    """End this process when its parent dies.

    A worker of a process pool also watches the process that made the pool, which need not be its parent: a fork server
    may stand between.
    """
    import multiprocessing
    import threading

    signal_on_parents_death()
    pool_owner = multiprocessing.parent_process()
    if pool_owner is not None:

        def end_after(owner: multiprocessing.process.BaseProcess) -> None:
            owner.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=end_after, args=(pool_owner,), daemon=True).start()
    # `dvc` may have died before the kernel was asked. Its stages share its process group; a foster parent does not.
    elif "DVC_STAGE" in os.environ and os.getpgid(os.getppid()) != os.getpgid(0):
        os.kill(os.getpid(), signal.SIGTERM)


def tethered(command: Sequence[str]) -> list[str]:
    """The command, ended by the kernel when this process dies, even by kill -9 (on Linux; elsewhere as it is)."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), *command]


def _become(parent: int, command: list[str]) -> None:
    """Turn this process into `command`, tied to the process `parent`."""
    signal_on_parents_death()
    if os.getppid() != parent:  # it died before the kernel was asked
        sys.exit(EXIT_ENDED)
    os.execvp(command[0], command)


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
