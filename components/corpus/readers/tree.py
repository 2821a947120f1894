"""What lies below a footage folder, whatever it is: nothing is opened, so nothing can hang or fail."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components.common.errors import UserError

SPARSE_BYTES = 1 << 30  # from this size on, a file that takes up an eighth of it on disk was never written
SPARSE_SHARE = 8
BLOCK = 512  # bytes of a block in `st_blocks`, on every file system
KINDS = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))


@dataclass(frozen=True)
class Entry:
    """file: path below the root, with slashes. problem: why it cannot be read, in words; "" where it can.

    folder: it is a folder that cannot be listed, and may hold anything.
    """

    file: str
    problem: str = ""
    folder: bool = False


def entries(root: Path) -> list[Entry]:
    """Every file below `root` in the order of its path, and every folder that cannot be listed.

    Hidden files and folders are left out, links to folders are not followed.

    Raises:
        UserError: there is no such folder.
    """
    if not os.path.isdir(root):  # pathlib's would raise for a name that is too long
        raise UserError(f"prepare.path: {root} is not a folder")
    return sorted(_walk(root), key=lambda entry: entry.file)


def _walk(root: Path) -> Iterator[Entry]:
    refused: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                path = Path(folder, name)
                yield Entry(path.relative_to(root).as_posix(), problem(path))
    for error in refused:
        words = f"the folder cannot be read ({error.strerror})"
        yield Entry(Path(error.filename).relative_to(root).as_posix(), words, folder=True)


def problem(path: Path) -> str:
    """Why a file cannot be read, in words; "" where it can. It is not opened: a pipe's reader waits for ever."""
    try:
        state = os.stat(path)
    except OSError as error:
        return f"a link that leads nowhere ({error.strerror})" if os.path.islink(path) else str(error.strerror)
    for is_kind, words in KINDS:
        if is_kind(state.st_mode):
            return f"{words}, not a file"
    if stat.S_ISDIR(state.st_mode):
        return "a folder, not a file"
    if not os.access(path, os.R_OK):
        return "cannot be read (Permission denied)"
    if state.st_size >= SPARSE_BYTES and state.st_blocks * BLOCK < state.st_size // SPARSE_SHARE:
        return f"{state.st_size / 1e9:.1f} GB of which most was never written"
    return ""
