"""Set right what a killed `dvc` left half written, as `make demo` and every flow do before they call DVC.

Example: ``python -m flows.mend``
"""

from __future__ import annotations

import sys
from pathlib import Path

from flows.execution.cli import command, exit_code
from flows.execution.mend import mend


def main(arguments: list[str] | None = None) -> int:
    options = command("mend", __doc__).parse_args(arguments)

    def work() -> None:
        for line in mend(Path(options.root).resolve()):
            print(line)

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
