"""Which file a flow holds while it works on a workspace, and how it waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from components.common.errors import disk_trouble
from components.common.locks import lock


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
        lock(handle, lambda: on_wait(f"waiting for lock {path.name}: another run is at work"))
        yield


def repository_lock(root: Path) -> Path:
    """The lock that every flow takes before it touches the workspace."""
    return root / ".dvc" / "tmp" / "style2talker.lock"
