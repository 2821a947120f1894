"""SQLite files that several steps make: they get their name only when they are whole, so that a kill leaves none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

DRAFT = ".new"  # ends the name of a file that is being made
ASIDE = ".unfinished"  # ends the name of one that was left half made


def file_of(uri: str) -> Path | None:
    """The file of a `sqlite:` URI of SQLAlchemy; None for other databases, and for one in memory."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(uri)
    except ArgumentError:
        return None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    name = unquote(urlsplit(url.database).path) if url.database.startswith("file:") else url.database
    return Path(name).absolute()


def make_whole(uri: str, make: Callable[[str], object]) -> None:
    """Where the SQLite file of `uri` is missing or empty: have `make` make it under another name, and rename it.

    make: takes the URI of a file that is not there yet, and has closed it when it returns. Whoever calls holds a lock.
    Other databases are left to `make`'s own transactions: nothing happens here.
    """
    path = file_of(uri)
    if path is None or (path.is_file() and path.stat().st_size):
        return
    draft = path.with_name(path.name + DRAFT)
    for leftover in draft.parent.glob(f"{draft.name}*"):
        leftover.unlink()
    head, name, tail = uri.rpartition(path.name)
    make(f"{head}{name}{DRAFT}{tail}")
    if path.is_file() and path.stat().st_size:  # made meanwhile by someone without the lock
        draft.unlink()
    else:
        draft.replace(path)


def set_aside(path: Path) -> Path:
    """Rename a file that is of no use, with what SQLite keeps beside it; returns the new name, which was free."""
    names = (path.with_name(f"{path.name}{ASIDE}{number or ''}") for number in range(1000))
    target = next(name for name in names if not name.exists())
    for companion in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    return path.rename(target)
