"""Create every database once, before anything fans out: MLflow's store and Optuna's study storage.

Processes that meet on an empty SQLite file corrupt its schema for good, so this runs first and under a lock.

Example: ``python -m flows.setup``
"""

from __future__ import annotations

import sys
from pathlib import Path

from components.common import tracking
from flows.command import command, exit_code
from flows.locks import exclusive


def optuna_uri(root: Path) -> str:
    """The study storage: `OPTUNA_STORAGE`, or the project's own SQLite file."""
    import os

    return os.environ.get("OPTUNA_STORAGE") or f"sqlite:///{(root / 'optuna.db').resolve()}"


def setup(root: Path = Path(".")) -> dict[str, str]:
    """Make or migrate the databases; returns what is where. Safe to call any number of times, also at once."""
    from flows.search import make_storage

    with exclusive(root / ".setup.lock"):
        _, experiment = tracking.connect(root)
        make_storage(optuna_uri(root))
    return {"mlflow": tracking.store_uri(root), "experiment": experiment, "optuna": optuna_uri(root)}


def main(arguments: list[str] | None = None) -> int:
    options = command("setup", __doc__).parse_args(arguments)

    def work() -> None:
        for name, place in setup(Path(options.root)).items():
            print(f"{name}: {place}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
