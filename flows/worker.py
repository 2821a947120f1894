"""Start a worker that runs flows in this folder, for one pool of the Prefect server that PREFECT_API_URL names.

`make stack` starts two of them. Whatever machine registered the deployments, and whoever else works on this one: flows
run in this folder, temporary files are the user's own, and the GPUs' locks stay where all users of the machine look.

Example: ``PREFECT_API_URL=https://prefect.example.org/api python -m flows.worker gpu``
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from components.common.environment import ROOT, SLOTS
from components.common.errors import UserError
from components.common.machine.places import spare
from components.runner.gpu_lock import lock_path
from flows.deploy import QUEUES, WORKSPACE
from flows.execution.cli import command, exit_code


def start(root: Path, pool: str, name: str = "") -> NoReturn:
    """Become the worker: this process goes on as Prefect's.

    name: begins with `<host>-<pool>` (the default), by which the watchdog of this machine knows its processes.

    Raises:
        UserError: no server is named, the name is another machine's, the deployments would work in the folder of the
            machine that registered them, or there is no place for temporary files.
    """
    if not os.environ.get("PREFECT_API_URL"):
        raise UserError("PREFECT_API_URL is not set; it names the server, such as https://prefect.example.org/api")
    own = f"{socket.gethostname()}-{pool}"
    if name and not name.startswith(own):
        raise UserError(f"a worker of this machine and pool is called {own}..., not {name}, for the watchdog")
    require_templates(_registered(pool))
    variables = {**os.environ, **environment(root)}
    prefect = str(Path(sys.executable).with_name("prefect"))
    os.chdir(root)  # prefect.toml lies there
    sys.stdout.flush()
    os.execve(
        prefect, [prefect, "worker", "start", "--type", "process", "--pool", pool, "--name", name or own], variables
    )


def environment(root: Path) -> dict[str, str]:
    """What a worker and everything it starts need to know of this machine.

    Prefect keeps its files in `runner_storage` of the temporary folder, which the first user of a machine owns: the
    workers of all others would end at their first breath.
    """
    return {
        ROOT.name: str(root.resolve()),
        SLOTS.name: str(lock_path("").parent),
        "TMPDIR": str(spare()),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def require_templates(deployments: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> None:
    """Raises `UserError` for a deployment, (name, pull steps), that names a folder instead of each machine's variable.

    `prefect deploy` writes the variable's value instead of its name where it is set.
    """
    for name, steps in deployments:
        for step in steps:
            for settings in step.values():
                folder = str(settings.get("directory", WORKSPACE)) if isinstance(settings, Mapping) else WORKSPACE
                if folder != WORKSPACE:
                    raise UserError(
                        f"deployment {name} works in {folder}, a folder of the machine that registered it; register "
                        "again with: python -m flows.deploy"
                    )


def _registered(pool: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """(name, pull steps) of this project's deployments in the pool; none while the server is down."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName

    with get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
            return []
        found = client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])))
    return [(one.name, list(one.pull_steps or [])) for one in found if (one.entrypoint or "").startswith("flows/")]


def main(arguments: list[str] | None = None) -> int:
    parser = command("worker", __doc__)
    parser.add_argument("pool", help=f"work pool: {', '.join(QUEUES)}, or one that you made")
    parser.add_argument("--name", default="", help="name, beginning with <host>-<pool> (the default)")
    options = parser.parse_args(arguments)
    return exit_code(lambda: start(Path(options.root).resolve(), options.pool, options.name))


if __name__ == "__main__":
    sys.exit(main())
