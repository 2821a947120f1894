"""Errors meant for people. Their text is the whole message: one line that says what is wrong and what to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
FULL_BYTES = 1 << 20  # a disk with less than this left counts as full, whatever a library called the error

LONGEST_REASON = 160  # characters of a library's message
EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


# Anything up to a space may be part of an address: passwords hold `/`, `@` and quotes, too.
_ADDRESS = re.compile(r"\b(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>\S+)", re.IGNORECASE)
_SECRET_NAME = r"[\w.-]*(?:passw|pwd|secret|token|api_?key|access_?key|private_?key|signature|credential)[\w.-]*"
_SECRET_VALUE = re.compile(rf"(?P<name>\b{_SECRET_NAME}\s*=\s*)(?P<value>[^&;,\s]+)", re.IGNORECASE)


def redacted(text: str, places: bool = False) -> str:
    """The text without secrets: users and passwords of addresses, and values named password, token, key and the like.

    Every message of a `PipelineError` passes through here; so does whatever else people see that names an address or
    repeats what a library said. places: leave of an address its host alone, where its path is a secret (webhooks).
    """

    def shortened(match: re.Match[str]) -> str:
        rest = _without_user(match["scheme"].lower(), match["rest"])
        if places and not match["scheme"].lower().startswith("file"):
            rest = re.split(r"[/?#]", rest, maxsplit=1)[0]
        return f"{match['scheme']}://{rest}"

    return _SECRET_VALUE.sub(r"\g<name>***", _ADDRESS.sub(shortened, text))


def _without_user(scheme: str, rest: str) -> str:
    """What follows `://`, without user and password; a user without a password stays for ssh, which needs it."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, _ = authority.rpartition("@")
    if at and ":" not in user:
        return rest if "ssh" in scheme else rest[len(user) + 1 :]
    port = authority.partition(":")[2].rstrip(".,;:)'\"]>")
    if at or (port and not port.isdigit() and not authority.startswith("[")):
        return rest.rpartition("@")[2]  # a password with `/`, `?`, `#` or `@` in it ends at the last `@`
    return rest


def first_line(error: BaseException, most: int = 200) -> str:
    """What an error of a library says, as part of a line for people: its first line, without secrets; else its kind."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return redacted(lines[0])[:most] if lines else type(error).__name__


class PipelineError(Exception):
    """An error whose text is the whole message, without secrets. `exit_code` is what a command ends with."""

    exit_code = EXIT_FAILURE

    def __init__(self, message: object = "") -> None:
        super().__init__(redacted(str(message)))


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
    kind = type(error).__name__
    line = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error, LONGEST_REASON)
    return kind if line == kind else f"{kind}: {line}"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it came of."""
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
    for cause in chain(error):
        number, place = _number(cause), getattr(cause, "filename", None)
        if number in FORBIDDEN:
            return UserError(f"{place or root.resolve()} cannot be written (read-only?); allow writing and run again")
        if number in FULL:
            return _full(_full_place(root, place) or root)
    full = _full_place(root)
    return None if full is None else _full(full)


def _full_place(root: Path, written: object = None) -> Path | None:
    """Where there is no room: what was written, the project, or the system's temporary folder."""
    places = [root, Path(tempfile.gettempdir())]
    if isinstance(written, str | bytes):
        places = [Path(os.fsdecode(written)).absolute().parent, *places]
    return next((place for place in places if place.exists() and _free(place) < FULL_BYTES), None)


def _free(place: Path) -> int:
    """Bytes that this user may still write there; plenty where the system does not tell."""
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return FULL_BYTES


def _full(place: Path) -> UserError:
    temporary = place == Path(tempfile.gettempdir())
    advice = "free some, or set TMPDIR to another folder," if temporary else "free some"
    return UserError(
        f"no space left on the disk of {place.resolve()}; {advice} and run again: trainings go on from their checkpoint"
    )
