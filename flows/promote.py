"""Make the trained models the champion, if they are what dvc.lock says, load, answer, and pass the gate.

Exit code 0: promoted, or kept because the gate said so. Not 0: refused, with the reason in one line; nothing moved.

Example: ``python -m flows.promote --dry-run``
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.runner.command import CommandParser
from flows.execution.cli import command, exit_code

if TYPE_CHECKING:
    from flows.promotion.model_registry import Promotion


@dataclass(frozen=True)
class PromotionRequest:
    """What is asked for. back: a rollback, for `reason`, wanted `by` a person. again: see `promote` and `rollback`."""

    dry_run: bool = False
    back: bool = False
    bounds_only: bool = False
    again: bool = False
    reason: str = ""
    by: str = ""


def work(root: str, asked: PromotionRequest, log: Callable[[str], None]) -> Promotion:
    """One promotion or rollback, alone in the workspace."""
    place = Path(root).resolve()
    if asked.back:
        from flows.promotion.rollback import rollback

        return rollback(place, log, asked.dry_run, asked.reason, asked.by, asked.again)
    from flows.execution.locks import exclusive, repository_lock
    from flows.promotion import promotion

    with exclusive(repository_lock(place), log):
        return promotion.promote(place, log, asked.dry_run, asked.bounds_only, again=asked.again)


def main(arguments: list[str] | None = None) -> int:
    parser = command("promote", __doc__)
    parser.add_argument("--dry-run", action="store_true", help="check and decide, but write nothing")
    parser.add_argument("--rollback", action="store_true", help="the same as `python -m flows.rollback`")
    parser.add_argument(
        "--bounds-only", action="store_true", help="do not compare with the champion, which this code cannot measure"
    )
    parser.add_argument("--again", action="store_true", help="also models that were champion before, or rolled back")
    person(parser)
    options = parser.parse_args(arguments)
    if options.reason and not options.rollback:
        parser.error("--reason is of a rollback; add --rollback")
    asked = PromotionRequest(
        dry_run=options.dry_run, back=options.rollback, bounds_only=options.bounds_only,
        again=options.again, reason=options.reason, by=options.by,
    )  # fmt: skip
    return exit_code(lambda: tell(work(options.root, asked, say)))


def person(parser: CommandParser) -> None:
    """Options of a rollback that are kept with the version."""
    parser.add_argument("--reason", default="", help="why the champion is rolled back; kept as a tag of its version")
    parser.add_argument("--by", default="", help="who wants the rollback (default: the user of this machine)")


def tell(outcome: Promotion) -> None:
    """The result in two lines."""
    print(f"{outcome.decision}: {outcome.summary}")
    if outcome.version is not None:
        print(f"champion: version {outcome.version} (run {outcome.run_id})")


def say(line: str) -> None:
    """Progress, beside the result."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
