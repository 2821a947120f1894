"""What the flows add to the frame of every command: `--root`, and no tracebacks in Prefect's log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from components.runner.command import CommandParser, command_parser, run_command


def command(name: str, doc: str | None) -> CommandParser:
    """The parser of `python -m flows.<name>`, with `--root`."""
    parser = command_parser(f"flows.{name}", doc)
    parser.add_argument("--root", default=".", help="project root (default: here)")
    return parser


class _OneLine(logging.Filter):
    """Prefect logs every error with its traceback; the frame of the command tells it in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


def exit_code(work: Callable[[], object]) -> int:
    """Do the work in the frame of every command; returns the exit code."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_OneLine())
    return run_command(work, after_interrupt="what is finished is kept: run it again to go on")
