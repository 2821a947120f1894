"""Create every database once, before anything fans out: MLflow's store and Optuna's study storage.

Processes that meet on an empty SQLite file corrupt its schema for good, so this runs first and under a lock. In a
project that was moved or copied, the addresses in MLflow's database follow; every other command does that, too.

Example: ``python -m flows.setup``
"""

from __future__ import annotations

import sys
from pathlib import Path

from components.common.errors import UserError, disk_trouble, first_line
from components.common.machine.databases import sqlite_url
from components.runner.addresses import Address
from components.runner.databases import make_whole
from components.runner.tracking import runs
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive


def optuna_uri(root: Path) -> Address:
    """The study storage: `OPTUNA_STORAGE`, or the project's own SQLite file."""
    import os

    return Address(os.environ.get("OPTUNA_STORAGE") or sqlite_url(root / "optuna.db"))


def setup(root: Path = Path(".")) -> dict[str, str]:
    """Make or migrate the databases; returns what is where. Safe to call any number of times, also at once.

    Raises `UserError` in one line when a database cannot be reached, read or written.
    """
    from flows.sweeps.optuna_study import make_storage

    with exclusive(root / ".setup.lock"):
        _, experiment = runs.connect(root)
        studies = optuna_uri(root)
        try:
            make_whole(studies.secret, lambda draft: make_storage(draft).engine.dispose())
            make_storage(studies.secret)
        except Exception as error:  # of a driver, a server or a file; people get one line
            raise disk_trouble(error, root) or UserError(
                f"Optuna's storage at {studies} does not work ({first_line(error)}); repair or move it, or set "
                "OPTUNA_STORAGE"
            ) from error
    return {"mlflow": str(runs.store_uri(root)), "experiment": experiment, "optuna": str(studies)}


def main(arguments: list[str] | None = None) -> int:
    options = command("setup", __doc__).parse_args(arguments)

    def work() -> None:
        for name, place in setup(Path(options.root)).items():
            print(f"{name}: {place}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
