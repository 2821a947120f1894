"""Folders outside the project that programs take for writable: found, or replaced by one that is.

A home may be missing or read-only (a container's user, a service), a temporary folder full, or its path too long for a
socket. Standard library only: who asks has not imported anything yet.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from components.common.environment import CACHE
from components.common.errors import UserError

APP = "style2talker"
LONGEST = 60  # characters of a temporary folder; a socket's path, of 107 at most, needs the rest for itself
SHORT = ("/tmp", "/var/tmp", "/dev/shm")
SPARE_MEGABYTES = 16  # what one stage may write into the temporary folder: a clip, a picture, a table
# Variable -> the program's own place below the home. Where that is not writable, it gets one below `spare()`.
HOMES: Mapping[str, str] = {
    "PREFECT_HOME": ".prefect",
    "MPLCONFIGDIR": ".config/matplotlib",
    "HF_HOME": ".cache/huggingface",
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
}


def home() -> Path:
    """The user's home; a folder that is not there for a user without one."""
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and no name in the system's list of users
        return Path("/nonexistent")


def writable(folder: Path) -> bool:
    """Whether files can be made in the folder, or in the first of its parents that is there."""
    while not folder.exists():
        if folder == folder.parent:
            return False
        folder = folder.parent
    try:
        tempfile.TemporaryFile(dir=folder).close()  # a read-only disk lets root pass `os.access`
    except OSError:
        return False
    return True


def temporary() -> Path:
    """The system's temporary folder. Raises `UserError` where there is none, or no room in it."""
    try:
        folder = Path(tempfile.gettempdir())
        free = os.statvfs(folder)
    except OSError as error:
        raise UserError("no temporary folder can be written; set TMPDIR to one that can") from error
    if free.f_bavail * free.f_frsize < SPARE_MEGABYTES << 20:
        raise UserError(
            f"less than {SPARE_MEGABYTES} MB are free in the temporary folder {folder}; "
            "free some or set TMPDIR to another"
        )
    return folder


def spare() -> Path:
    """A folder of this user's own below the temporary one, for what would lie in the home."""
    folder = Path(tempfile.gettempdir()) / f"{APP}-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        # Anybody may make a folder of this name there, and what it holds is executed.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            return Path(tempfile.mkdtemp(prefix=f"{APP}-"))
    return folder


def cache_folder() -> Path:
    """Where what can always be made or fetched again is kept: `STYLE2TALKER_CACHE`, else the user's cache folder."""
    chosen = CACHE.read(Path(os.environ.get("XDG_CACHE_HOME") or home() / ".cache") / APP)
    return chosen if writable(chosen) else spare() / "cache"


def settle() -> None:
    """Name a writable folder to each program whose own, below the home, is not; what a user has set stays."""
    with suppress(OSError):  # no temporary folder either, which `temporary` says
        for variable, name in HOMES.items():
            if not os.environ.get(variable) and not writable(home() / name):
                os.environ[variable] = str(spare() / name)


@contextmanager
def short_sockets() -> Iterator[None]:
    """Where the temporary folder's path is too long for a socket, `multiprocessing` makes its own in a shorter one.

    Raises `UserError` where no shorter one is writable.
    """
    usual = tempfile.gettempdir()
    if len(usual) > LONGEST:
        tempfile.tempdir = _first_writable(SHORT, usual)
    try:
        yield
    finally:
        tempfile.tempdir = usual


def _first_writable(folders: Iterable[str], usual: str) -> str:
    for folder in folders:
        if writable(Path(folder)):
            return folder
    raise UserError(f"the path of the temporary folder is too long for sockets ({usual}); set TMPDIR to a shorter one")
