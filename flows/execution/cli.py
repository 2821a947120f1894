"""The frame of every `python -m flows.<name>`: the same help, the same exit codes, errors in one line."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable

from components.common.errors import EXIT_BAD_INPUT, EXIT_FAILURE, StageError, UserError
from flows.execution.processes import CommandError


def command(name: str, doc: str | None) -> argparse.ArgumentParser:
    """A parser with `--root`; its help is the module's docstring, which ends with an example."""
    parser = argparse.ArgumentParser(
        prog=f"python -m flows.{name}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", default=".", help="project root (default: here)")
    return parser


KNOWN = (UserError, CommandError, StageError)


class _OneLine(logging.Filter):
    """Prefect logs every error with its traceback; one that is meant for people needs none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], KNOWN):
            record.exc_info = None
        return True


def exit_code(work: Callable[[], object]) -> int:
    """Do the work; 0 when it ends, 2 when the user can fix it, 1 when a stage or a command failed."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_OneLine())
    try:
        work()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except (CommandError, StageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_FAILURE
    return 0
