"""Child processes of a flow: lines as they come, and no orphans when the flow is cancelled or killed."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from components.common.errors import PipelineError, redacted
from components.common.machine.endings import ending
from components.common.parent_death import tethered

GRACE_SECONDS = 10.0
TICK_SECONDS = 1.0
SAID = "error: "  # begins the line in which a stage says why; what `dvc` says after it is less


class CommandError(PipelineError):
    """A command ended with a non-zero code. `tail` holds its last lines."""

    def __init__(self, command: Sequence[str], code: int, tail: Sequence[str]) -> None:
        lines = [line for line in reversed(tail) if line.strip()]
        said = next((line for line in lines if line.startswith(SAID)), lines[0] if lines else "no output")
        super().__init__(f"`{' '.join(command)}` {ending(code)}: {said.removeprefix(SAID)}")
        self.code = code
        self.tail = tuple(tail)


def end_group(process: subprocess.Popen[str]) -> None:
    """Terminate a child and everything it started; kill what does not stop in time."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        try:
            os.killpg(process.pid, sign)
            process.wait(GRACE_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _lines(process: subprocess.Popen[str], on_tick: Callable[[], None]) -> Iterator[str]:
    """Lines of the child's output; between them, a tick a second."""
    assert process.stdout is not None
    pipe = process.stdout
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in pipe:
            lines.put(redacted(line.rstrip()))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    ticked = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=TICK_SECONDS)
        except queue.Empty:
            line = ""
        if time.monotonic() - ticked >= TICK_SECONDS:
            ticked = time.monotonic()
            on_tick()
        if line is None:
            return
        if line:
            yield line


def stream(
    command: Sequence[str],
    on_line: Callable[[str], None],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    keep: int = 60,
    on_tick: Callable[[], None] = lambda: None,
) -> list[str]:
    """Run a command in its own process group and pass on each line of its output.

    on_tick: called about once a second while the command runs.
    Returns the last `keep` lines. Raises `CommandError` on a non-zero code. Whatever interrupts this function
    (cancellation, Ctrl-C, an error in `on_line` or `on_tick`) also ends the group.
    """
    merged = {**os.environ, **(environment or {})}
    process = subprocess.Popen(
        tethered(command),
        cwd=cwd,
        env=merged,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    tail: list[str] = []
    try:
        for line in _lines(process, on_tick):
            tail = [*tail[-keep + 1 :], line]
            on_line(line)
        code = process.wait()
    finally:
        end_group(process)
    if code != 0:
        raise CommandError(command, code, tail)
    return tail
