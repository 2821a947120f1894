"""The frame around every command: help that ends with an example, one red line for an error, and the exit code.

Exit codes: 0 done, 1 a stage or another command failed, 2 the user can fix it, 130 interrupted (143 by SIGTERM, 129 by
SIGHUP, as shells count).
"""

from __future__ import annotations

import argparse
import io
import os
import select
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TextIO

from components.common.errors import EXIT_BAD_INPUT, EXIT_FAILURE, PipelineError, StageError, disk_trouble, reason
from components.common.machine.endings import lost_worker
from components.common.machine.interruption import exit_code_of, interruptible
from components.common.machine.loopback import exempt_loopback, proxy_trouble
from components.common.machine.places import settle, temporary

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
DISTRIBUTION = "style2talker"


class CommandParser(argparse.ArgumentParser):
    """Takes options by their full names only, knows `--version`, and says a mistake in one line."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **settings})
        self.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")

    def error(self, message: str) -> NoReturn:
        say(f"error: {message} (see {self.prog} --help)", "red")
        self.exit(EXIT_BAD_INPUT)


class _ShowVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(version())
        parser.exit()


def version() -> str:
    """Name and version of the installed package."""
    from importlib import metadata  # slow, and seldom asked for

    try:
        return f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"


def command_parser(module: str, doc: str | None, example: str = "") -> CommandParser:
    """A parser for `python -m <module>`, described by the module's docstring.

    Also makes the output take any text, since `--help` prints some.

    The docstring ends with "Example: ``a command line``", which goes to the end of the help, unless `example` is given.
    """
    take_any_text()
    description, _, documented = (doc or "").partition("Example: ")
    return CommandParser(
        prog=f"python -m {module}",
        description=description.strip(),
        epilog=f"example: {example or documented.replace('``', '').strip()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run_command(work: Callable[[], object], *, root: Path = Path(), after_interrupt: str = "run it again") -> int:
    """Do the work of a command; returns its exit code. Every error is one line: see `known_error`.

    root: where the command writes. after_interrupt: what to do after Ctrl-C, SIGTERM or SIGHUP.
    """
    take_any_text()
    try:
        with interruptible():
            exempt_loopback()
            settle()
            temporary()
            work()
            sys.stdout.flush()
    except KeyboardInterrupt as interruption:
        say(f"interrupted; {after_interrupt}", "yellow")
        return exit_code_of(interruption)
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _close_unread_output():
            return EXIT_FAILURE
        known = known_error(error, root) or unexpected(error)
        say(f"error: {known}", "red")
        return known.exit_code
    return 0


def take_any_text() -> None:
    """Let output and errors take every letter: those that the terminal's encoding lacks are written as escapes.

    Else an ASCII locale, or a file name that is no UTF-8, would end a command while it tells its result.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def unexpected(error: BaseException) -> PipelineError:
    """A mistake of ours, as one line; its traceback goes to a file, for whoever will mend it."""
    lines = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", prefix="style2talker-", suffix=".txt", delete=False
        ) as stream:
            stream.write(lines)
        where = f"please report it with {stream.name}"
    except OSError:  # nowhere to write: better shown than lost
        where = f"please report it:\n{lines}"
    return PipelineError(f"unexpected {reason(error)}; this is a mistake of the program, {where}")


def known_error(error: BaseException, root: Path) -> PipelineError | None:
    """The error as people shall read it; None where it is a mistake of ours (see `unexpected`)."""
    if isinstance(error, PipelineError):
        return error
    if death := lost_worker(error):
        return StageError(death)
    if isinstance(error, MemoryError):
        return StageError("not enough memory; close other programs, or give smaller inputs")
    trouble = disk_trouble(error, root) or proxy_trouble(error)
    if trouble is None and isinstance(error, OSError) and error.filename is not None:
        return StageError(f"{error.filename}: {error.strerror}")
    return trouble


def say(line: str, style: str = "") -> None:
    """One line to stderr, in color on a terminal."""
    from components.common.progress import console

    console.print(" ".join(line.splitlines()), style=style, markup=False, soft_wrap=True)


def _close_unread_output() -> bool:
    """Whether a reader of our output has gone (`| head`); what is still to be written goes nowhere then."""
    unread = [stream for stream in (sys.stdout, sys.stderr) if _has_no_reader(stream)]
    for stream in unread:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return bool(unread)


def _has_no_reader(stream: TextIO) -> bool:
    poll = select.poll()
    try:
        poll.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file of the system, or closed
        return False
    return any(events & select.POLLERR for _, events in poll.poll(0))
