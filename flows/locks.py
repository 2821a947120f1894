"""Files that only one process holds at a time. The kernel frees them when the holder dies, however it dies."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from components.common.errors import disk_trouble


@contextmanager
def exclusive(path: Path, on_wait: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Hold `path` for the block; waits for another holder and says so once.

    Raises `UserError` where the file cannot be made (no room, no permission).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
    except OSError as error:
        raise disk_trouble(error, path.parents[-1]) or error from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait(f"waiting for lock {path.name}: another run is at work")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def repository_lock(root: Path) -> Path:
    """The lock that every flow takes before it touches the workspace."""
    return root / ".dvc" / "tmp" / "style2talker.lock"
