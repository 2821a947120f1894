"""Errors meant for people. Their text is the whole message: one line that says what is wrong and what to do."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
FULL_BYTES = 1 << 20  # a disk with less than this left counts as full, whatever a library called the error

LONGEST_REASON = 160  # characters of a library's message
EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


class PipelineError(Exception):
    """An error whose text is the whole message. `exit_code` is what a command ends with."""

    exit_code = EXIT_FAILURE


class UserError(PipelineError):
    """Something the user can fix: a missing file, a bad parameter, a picture without a face."""

    exit_code = EXIT_BAD_INPUT


class StageError(PipelineError):
    """A stage could not produce outputs that hold its contract."""


@contextmanager
def translated(message: str) -> Iterator[None]:
    """Whatever a library raises in the block becomes a `UserError`: `message`, and the library's reason in brackets.

    The one door between foreign readers and us. Decoders and loaders raise anything at a damaged or malicious file
    (struct, zlib, type, index and zero division errors, ...), so no list of their exceptions is ever complete. Nothing
    but the library's call belongs into the block: a mistake of ours would be told as a damaged file.
    """
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:
        raise UserError(f"{message} ({reason(error)})") from error


def reason(error: BaseException) -> str:
    """Kind and first line of an error that is not ours."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    text = (error.strerror or "") if isinstance(error, OSError) else str(error)
    line = " ".join((text.strip().splitlines() or [""])[0].split())[:LONGEST_REASON]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _number(error: BaseException) -> int | None:
    """The system's error number; libraries written in Rust give it in words only."""
    match = re.search(r"\(os error (\d+)\)", str(error))
    return int(match[1]) if match else getattr(error, "errno", None)


def disk_trouble(error: BaseException, root: Path) -> UserError | None:
    """What to tell people when a write below `root` failed because of the disk; None for any other error.

    A library may wrap the system's error, so the causes are searched, too.
    """
    for cause in _chain(error):
        number, place = _number(cause), getattr(cause, "filename", None)
        if number in FORBIDDEN:
            return UserError(f"{place or root.resolve()} cannot be written (read-only?); allow writing and run again")
        if number in FULL:
            return _full(root)
    return _full(root) if root.exists() and shutil.disk_usage(root).free < FULL_BYTES else None


def _full(root: Path) -> UserError:
    return UserError(
        f"no space left on the disk of {root.resolve()}; free some and run again: trainings go on from their checkpoint"
    )
