"""Find runs that nobody works on any more and close them: flow runs in Prefect, runs in MLflow.

A flow run is dead when its process on this machine is gone, or when it sends no heartbeat while the watchdog listens
(the clock alone proves nothing: it may have jumped). Dead runs become Crashed, which frees their slots; runs over the
`time-limit` of their deployment are cancelled; MLflow runs of dead processes of this machine become KILLED.

Example: ``python -m flows.watchdog --dry-run``
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.states import Cancelled, Cancelling, Crashed

from components.common.errors import first_line
from components.runner.tracking import runs as tracking
from components.runner.tracking.provenance import is_alive
from flows import notify
from flows.execution.cli import command, exit_code

HEARTBEAT = "prefect.flow-run.heartbeat"
HEARTBEAT_SECONDS = 30.0  # as prefect.toml sets it
LISTEN_SECONDS = HEARTBEAT_SECONDS + 15.0
OPEN = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
HISTORY = timedelta(days=7)  # Prefect keeps events that long
LIMIT_TAG = re.compile(r"time-limit:(\d+)h")

logger = logging.getLogger("prefect.style2talker.watchdog")


@dataclass(frozen=True)
class Verdict:
    """What to do with a flow run, and why."""

    run: FlowRun
    state: State[Any]

    def __str__(self) -> str:
        return f"flow run {self.run.name}: {self.state.name} ({self.state.message})"


def local_pid(run: FlowRun) -> int | None:
    """The run's process, if a worker of this machine started it: one named `<host>-<pool>`, by `flows.worker`.

    With the pool, since one machine's name may begin with another's (`gpu`, `gpu-2`).
    """
    worker = str(run.labels.get("prefect.worker.name", ""))
    pid = (run.infrastructure_pid or "").rpartition(":")[2]
    return int(pid) if pid.isdigit() and worker.startswith(f"{socket.gethostname()}-{run.work_pool_name}") else None


def is_engine(pid: int) -> bool:
    """Whether the process lives and is Prefect's; a pid may belong to another program by now.

    One that may not be looked at (another user's) counts as living: nothing is closed on a guess.
    """
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and any("prefect" in part for part in process.cmdline())
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def heartbeats(client: SyncPrefectClient, run: FlowRun) -> tuple[int, str]:
    """(how many heartbeats the run sent, a name for the last one)."""
    query = EventFilter(
        event=EventNameFilter(name=[HEARTBEAT]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
        # Both ends far off: the clocks of machines differ, and jump.
        occurred=EventOccurredFilter(since=datetime.now(UTC) - HISTORY, until=datetime.now(UTC) + HISTORY),
    )
    page = client.read_events(query, limit=1)
    return page.total, str(page.events[0].id) if page.events else ""


def silent(client: SyncPrefectClient, runs: Iterable[FlowRun], listen: float) -> list[FlowRun]:
    """Those of `runs` that used to send heartbeats and send none within `listen` seconds."""
    before = [(run, *heartbeats(client, run)) for run in runs]
    suspects = [(run, last) for run, count, last in before if count]
    deadline = time.monotonic() + listen
    while suspects and time.monotonic() < deadline:
        time.sleep(min(5.0, max(0.0, deadline - time.monotonic())))
        suspects = [(run, last) for run, last in suspects if heartbeats(client, run)[1] == last]
    return [run for run, _ in suspects if client.read_flow_run(run.id).state_type in OPEN]


def over_time(client: SyncPrefectClient, run: FlowRun) -> str:
    """Why the run took too long; "" when it did not. Heartbeats must agree with the clock, which may have jumped."""
    limits = [int(match[1]) for tag in run.tags if (match := LIMIT_TAG.fullmatch(tag))]
    if not limits or run.start_time is None or run.state_type != StateType.RUNNING:
        return ""
    limit = min(limits) * 3600
    if (datetime.now(UTC) - run.start_time).total_seconds() < limit:
        return ""
    count, _ = heartbeats(client, run)
    return f"over its time limit of {limit // 3600} h" if count * HEARTBEAT_SECONDS > limit / 2 else ""


def judge(client: SyncPrefectClient, own: str, listen: float) -> list[Verdict]:
    """Verdicts on every open flow run of the server but the watchdog's own."""
    states = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(OPEN)))
    runs = [run for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=states)) if str(run.id) != own]
    here = {run.id: pid for run in runs if (pid := local_pid(run)) is not None}
    dead = {key: f"process {pid} on {socket.gethostname()} is gone" for key, pid in here.items() if not is_engine(pid)}
    unsure = [run for run in runs if run.id not in here]
    dead |= {run.id: f"no heartbeat for {listen:.0f} s" for run in silent(client, unsure, listen)}
    late = {run.id: reason for run in runs if run.id not in dead and (reason := over_time(client, run))}
    verdicts = [Verdict(run, _end(run, dead[run.id])) for run in runs if run.id in dead]
    return verdicts + [Verdict(run, Cancelling(message=late[run.id])) for run in runs if run.id in late]


def _end(run: FlowRun, reason: str) -> State[Any]:
    message = f"watchdog: {reason}"
    return Cancelled(message=message) if run.state_type == StateType.CANCELLING else Crashed(message=message)


def dead_tracking_runs(root: Path) -> list[tuple[Any, Any]]:
    """(client, run) of every open MLflow run whose process was on this machine and is gone."""
    client, experiment = tracking.connect(root)
    here = f"attributes.status = 'RUNNING' and tags.`process.host` = '{socket.gethostname()}'"
    runs = client.search_runs([experiment], here, max_results=1000)
    return [(client, run) for run in runs if not is_alive(run.data.tags.get("process.id", ""))]


def close_tracking_runs(root: Path, dry_run: bool) -> list[str]:
    """KILLED for every dead MLflow run; one line each. A store that is down is reported, not fatal."""
    try:
        dead = dead_tracking_runs(root)
        for client, run in dead if not dry_run else []:
            client.set_tag(run.info.run_id, "watchdog", "its process is gone")
            client.set_terminated(run.info.run_id, "KILLED")
    except Exception as error:  # a server or database that is down is its own alarm
        return [f"MLflow cannot be asked: {first_line(error, 160)}"]
    return [f"MLflow run {run.info.run_name} ({run.info.run_id}): KILLED (its process is gone)" for _, run in dead]


@flow(name="watchdog", flow_run_name="watchdog", persist_result=False)
def watchdog(root: str = ".", dry_run: bool = False, listen: float = LISTEN_SECONDS) -> list[str]:
    """Close dead runs; returns a line for each (with `dry_run`: for each that would be closed)."""
    from prefect.runtime import flow_run

    with get_client(sync_client=True) as client:
        verdicts = judge(client, str(flow_run.id), listen)
        for verdict in verdicts if not dry_run else []:
            client.set_flow_run_state(verdict.run.id, verdict.state)
            notify.send(f"watchdog: {verdict.run.name} is {verdict.state.name}", str(verdict))
    lines = [str(verdict) for verdict in verdicts] + close_tracking_runs(Path(root).resolve(), dry_run)
    for line in lines:
        logger.warning("%s%s", "would close: " if dry_run else "", line)
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = command("watchdog", __doc__)
    parser.add_argument("--dry-run", action="store_true", help="say what would be closed, close nothing")
    options = parser.parse_args(arguments)

    def work() -> None:
        root = Path(options.root).resolve()
        # Without a server there are no flow runs to judge, and a temporary one would only slow this down.
        served = bool(os.environ.get("PREFECT_API_URL"))
        lines = watchdog(str(root), options.dry_run) if served else close_tracking_runs(root, options.dry_run)
        print("\n".join(lines) or "every open run is alive")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
