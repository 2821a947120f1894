"""Make the trained models the champion, if they are what dvc.lock says, load, answer, and pass the gate.

Exit code 0: promoted, or kept because the gate said so. Not 0: refused, with the reason in one line; nothing moved.

Example: ``python -m flows.promote --dry-run``
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flows.execution.cli import command, exit_code

if TYPE_CHECKING:
    from flows.promotion.model_registry import Promotion


def work(root: str, dry_run: bool, back: bool, bounds_only: bool, log: Callable[[str], None]) -> Promotion:
    """One promotion or rollback, alone in the workspace."""
    place = Path(root).resolve()
    if back:
        from flows.promotion.rollback import rollback

        return rollback(place, log, dry_run)
    from flows.execution.locks import exclusive, repository_lock
    from flows.promotion import promotion

    with exclusive(repository_lock(place), log):
        return promotion.promote(place, log, dry_run, bounds_only)


def main(arguments: list[str] | None = None) -> int:
    parser = command("promote", __doc__)
    parser.add_argument("--dry-run", action="store_true", help="check and decide, but write nothing")
    parser.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    parser.add_argument(
        "--bounds-only", action="store_true", help="do not compare with the champion, which this code cannot measure"
    )
    options = parser.parse_args(arguments)

    def run() -> None:
        # Not through Prefect: a rollback is for emergencies, and must neither wait for a server nor need one.
        outcome = work(options.root, options.dry_run, options.rollback, options.bounds_only, _say)
        print(f"{outcome.decision}: {outcome.summary}")
        if outcome.version is not None:
            print(f"champion: version {outcome.version} (run {outcome.run_id})")

    return exit_code(run)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
