"""What the flows add to the frame of every command: `--root`, and no tracebacks in Prefect's log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from components.common.errors import StageError
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


# What Prefect's client says, in a plain RuntimeError, when its server cannot be reached -> what to do.
UNREACHABLE = {
    "Timed out while attempting to connect to ephemeral": "Prefect's temporary server did not start in time; run it "
    "again, with PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=300 on a busy machine",
    "Failed to reach API at": "Prefect's server does not answer; start it, or unset PREFECT_API_URL",
}


def _reaching_prefect(work: Callable[[], object]) -> None:
    try:
        work()
    except RuntimeError as error:
        told = next((advice for words, advice in UNREACHABLE.items() if str(error).startswith(words)), None)
        if told is None:
            raise
        raise StageError(told) from error


def exit_code(work: Callable[[], object]) -> int:
    """Do the work in the frame of every command; returns the exit code."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_OneLine())
    return run_command(
        lambda: _reaching_prefect(work), after_interrupt="what is finished is kept: run it again to go on"
    )
