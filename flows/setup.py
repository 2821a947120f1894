"""Create every database once, before anything fans out: MLflow's store and Optuna's study storage.

Processes that meet on an empty SQLite file corrupt its schema for good, so this runs first and under a lock.

Example: ``python -m flows.setup``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.common.errors import UserError
from components.common.machine.databases import sqlite_url
from components.runner.tracking import runs
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive


def optuna_uri(root: Path) -> str:
    """The study storage: `OPTUNA_STORAGE`, or the project's own SQLite file."""
    import os

    return os.environ.get("OPTUNA_STORAGE") or sqlite_url(root / "optuna.db")


def setup(root: Path = Path(".")) -> dict[str, str]:
    """Make or migrate the databases; returns what is where. Safe to call any number of times, also at once.

    Raises `UserError` in one line when a database cannot be reached, read or written.
    """
    from flows.sweeps.optuna_study import make_storage

    with exclusive(root / ".setup.lock"):
        with _one_line("MLflow's store", runs.store_uri(root), "MLFLOW_TRACKING_URI"):
            _, experiment = runs.connect(root)
        with _one_line("Optuna's storage", optuna_uri(root), "OPTUNA_STORAGE"):
            make_storage(optuna_uri(root))
    return {"mlflow": runs.store_uri(root), "experiment": experiment, "optuna": optuna_uri(root)}


@contextmanager
def _one_line(what: str, uri: str, variable: str) -> Iterator[None]:
    """Database libraries raise many kinds of errors, over many lines; people get the first line and what to do."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        place = re.sub(r"//[^/@]*@", "//", uri)  # no password in a message
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise UserError(f"{what} at {place} does not work ({reason}); repair or move it, or set {variable}") from error


def main(arguments: list[str] | None = None) -> int:
    options = command("setup", __doc__).parse_args(arguments)

    def work() -> None:
        for name, place in setup(Path(options.root)).items():
            print(f"{name}: {place}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
