"""Open files that only one process holds at a time. The kernel frees them when the holder dies, however it dies."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from typing import IO, Any


def lock(stream: IO[Any], on_wait: Callable[[], None]) -> None:
    """Hold `stream` until it is closed; while another process holds it, call `on_wait` once and wait."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(stream, fcntl.LOCK_EX)
