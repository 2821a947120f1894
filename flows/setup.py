"""Create every database once, before anything fans out: MLflow's store and Optuna's study storage.

Processes that meet on an empty SQLite file corrupt its schema for good, so this runs first and under a lock.

Example: ``python -m flows.setup``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from components.common import tracking
from components.common.errors import EXIT_FAILURE
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
    parser = argparse.ArgumentParser(
        prog="python -m flows.setup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=Path("."), help="project root (default: here)")
    options = parser.parse_args(arguments)
    try:
        for name, place in setup(options.root).items():
            print(f"{name}: {place}")
    except Exception as error:
        print(f"error: setup failed: {str(error).splitlines()[0]}", file=sys.stderr)
        return EXIT_FAILURE
    return 0


if __name__ == "__main__":
    sys.exit(main())
