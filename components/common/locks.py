"""Files that one process holds at a time (`flock(2)`). The kernel frees them when the holder dies, however it dies.

A lock belongs to an open file: it lasts until that file is closed, and a child that inherits the file holds it, too.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


def lock(stream: IO[Any], on_wait: Callable[[], None] = lambda: None) -> None:
    """Hold `stream` until it is closed; while another process holds it, call `on_wait` once and wait."""
    if not try_lock(stream):
        on_wait()
        fcntl.flock(stream, fcntl.LOCK_EX)


def try_lock(stream: IO[Any]) -> bool:
    """Hold `stream` until it is closed, or return False at once when somebody else holds it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def hold(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the file `path` for the block; it is made, in a folder that exists, and its content is left alone."""
    with path.open("ab") as stream:
        lock(stream, on_wait)
        yield


def is_held(path: Path) -> bool:
    """Whether a live process holds the file `path`; no file, no holder."""
    try:
        stream = path.open("r+b")  # for writing, or a network disk would refuse an exclusive lock
    except FileNotFoundError:
        return False
    with stream:
        return not try_lock(stream)
