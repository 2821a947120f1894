"""Tell a Prefect server about this project: pools, queues, the GPU's slot, an automation, and `prefect.yaml`.

Safe to repeat: what is there already is left or brought up to date. `make stack` does it for the local server.

Example: ``PREFECT_API_URL=http://127.0.0.1:4200/api python -m flows.deploy``
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from components.common.environment import ROOT
from components.common.errors import UserError
from components.common.machine.endings import ending
from flows.execution.cli import command, exit_code

# Pool -> queue -> runs at once. Each kind of work has its own queue, so that a sweep never holds up a retraining.
QUEUES: Mapping[str, Mapping[str, int]] = {"gpu": {"retrain": 1, "sweep": 2}, "cpu": {"report": 2, "watch": 1}}
GPU_SLOTS = 1
# Where a run works. Each worker's machine has a value of its own for it; the server must keep the name.
WORKSPACE = f"{{{{ ${ROOT.name} }}}}"
LEASES = "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"
AUTOMATION = "style2talker: a silent run is dead"
SILENCE = timedelta(minutes=5)  # longer than a restart of the server takes
LIVING = frozenset({"prefect.flow-run.heartbeat"})
ENDED = frozenset(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed"))


def register(root: Path, silence: timedelta = SILENCE) -> None:
    """Register everything with the server that `PREFECT_API_URL` names.

    silence: a run that sent heartbeats and sends none for this long is marked Crashed by the server itself, which works
        when every worker of the project is dead, too.

    Raises `UserError` for a server that forgets who holds the GPU's slot when it restarts, and where Prefect refuses.
    """
    require_kept_leases()
    make_pools()
    make_automation(silence)
    process = subprocess.run(
        [str(Path(sys.executable).with_name("prefect")), "--no-prompt", "deploy", "--all"],
        cwd=root,
        # Where it is set, `prefect deploy` writes its value into the deployments: every worker would go to this folder.
        env={name: value for name, value in os.environ.items() if name != ROOT.name},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        lines = [line.strip() for line in (process.stderr or process.stdout).splitlines() if line.strip()]
        lines = lines or [ending(process.returncode)]
        raise UserError(f"`prefect deploy --all` failed: {' '.join(lines[-3:])[-300:]}")


def require_kept_leases() -> None:
    """Raises `UserError` for a server without this project's `prefect.toml`: its leases live in memory."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    with get_client(sync_client=True) as client:
        try:
            settings = client.request("GET", "/admin/settings").json()
        except PrefectHTTPStatusError:  # Prefect's own cloud keeps leases, and shows no settings
            return
    storage = str(settings.get("server", {}).get("concurrency", {}).get("lease_storage", ""))
    if storage.endswith(".memory"):
        raise UserError(
            "Prefect's server keeps leases in memory: after a restart the GPU's slot would be taken for ever. Start it "
            f"in this project's folder (prefect.toml) or with {LEASES}={storage.removesuffix('memory')}filesystem"
        )


def make_pools() -> None:
    """Pools, their queues, and the slot that training flows take turns in."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    with get_client(sync_client=True) as client:
        for pool, queues in QUEUES.items():
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(
                WorkPoolCreate(name=pool, type="process", base_job_template=template), overwrite=True
            )
            for queue, limit in queues.items():
                try:
                    client.create_work_queue(queue, work_pool_name=pool, concurrency_limit=limit)
                except ObjectAlreadyExists:
                    continue
        client.upsert_global_concurrency_limit_by_name("gpu", GPU_SLOTS)


def make_automation(silence: timedelta) -> None:
    """Silence after a heartbeat, without an end: the run is dead."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    trigger = EventTrigger(
        after=set(LIVING),
        expect=set(LIVING | ENDED),
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=silence,
    )
    message = f"No heartbeat for {silence.total_seconds():.0f} s: its process, worker or machine is gone."
    action = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=message)
    automation = AutomationCore(name=AUTOMATION, trigger=trigger, actions=[action])
    with get_client(sync_client=True) as client:
        for predecessor in client.read_automations_by_name(AUTOMATION):
            client.delete_automation(predecessor.id)
        client.create_automation(automation)


def main(arguments: list[str] | None = None) -> int:
    options = command("deploy", __doc__).parse_args(arguments)

    def work() -> None:
        if not os.environ.get("PREFECT_API_URL"):
            raise UserError("PREFECT_API_URL is not set; it names the server, such as http://127.0.0.1:4200/api")
        register(Path(options.root).resolve())
        print(f"registered pools {', '.join(QUEUES)} and the deployments of prefect.yaml")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
