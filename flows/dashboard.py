"""Show the studies of sweeps in Optuna's own dashboard, while they run and after, until Ctrl-C.

Needs the extra `dashboard`. The storage is `OPTUNA_STORAGE`, or the project's `optuna.db`.

Example: ``python -m flows.dashboard --port 8081``
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from components.common.errors import StageError, UserError
from components.runner.command import say
from components.runner.databases import file_of
from flows.execution.cli import command, exit_code
from flows.setup import optuna_uri
from flows.stack import HOST, in_use

PORT = 8081
PACKAGE = "optuna_dashboard"
INSTALL = "python -m pip install -c constraints.txt -e '.[pipeline,dashboard]'"
# The address stays out of the command line, which everybody on the machine can read: it may hold a password.
SERVE = """
import os, sys
from optuna_dashboard import run_server
run_server(os.environ["OPTUNA_STORAGE"], sys.argv[1], int(sys.argv[2]))
"""


def storage(root: Path) -> str:
    """Where the studies are. Raises `UserError` where there is no dashboard to show them, or no study yet."""
    if find_spec(PACKAGE) is None:
        raise UserError(f"Optuna's dashboard is not installed; add its extra: {INSTALL}")
    uri = optuna_uri(root).secret
    file = file_of(uri)
    if file is not None and not file.is_file():
        raise UserError(f"{file} does not exist: no sweep has run here; start one: python -m flows.sweep style_e")
    return uri


def serve(root: Path, port: int) -> None:
    """Serve the dashboard on this machine alone until it is stopped."""
    uri = storage(root)
    if in_use(port):
        raise UserError(f"port {port} is taken; choose another: python -m flows.dashboard --port {port + 1}")
    say(f"studies: http://{HOST}:{port}/dashboard (Ctrl-C ends it)")
    done = subprocess.run([sys.executable, "-c", SERVE, HOST, str(port)], env={**os.environ, "OPTUNA_STORAGE": uri})
    if done.returncode:
        raise StageError(f"the dashboard ended with code {done.returncode}")


def main(arguments: list[str] | None = None) -> int:
    parser = command("dashboard", __doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"of 127.0.0.1 ({PORT})")
    options = parser.parse_args(arguments)
    return exit_code(lambda: serve(Path(options.root), options.port))


if __name__ == "__main__":
    sys.exit(main())
