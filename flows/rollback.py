"""Make the previous champion the champion again, in seconds, and remember who wanted that and why.

The version that goes is tagged with both. Its models are not promoted again, whatever a later retraining comes to,
unless somebody asks for it: ``python -m flows.promote --again``. No server is needed but MLflow's.

Example: ``python -m flows.rollback --reason "lips freeze after ten seconds"``
"""

from __future__ import annotations

import sys

from flows.execution.cli import command, exit_code
from flows.promote import PromotionRequest, person, say, tell, work


def main(arguments: list[str] | None = None) -> int:
    parser = command("rollback", __doc__)
    person(parser)
    parser.add_argument("--dry-run", action="store_true", help="check, but move nothing")
    parser.add_argument("--again", action="store_true", help="go back even to a version that was rolled back itself")
    options = parser.parse_args(arguments)
    asked = PromotionRequest(options.dry_run, back=True, again=options.again, reason=options.reason, by=options.by)
    # Not through Prefect: a rollback is for emergencies, and must neither wait for a server nor need one.
    return exit_code(lambda: tell(work(options.root, asked, say)))


if __name__ == "__main__":
    sys.exit(main())
