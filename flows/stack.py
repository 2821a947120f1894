"""Start and stop the whole stack on this machine: Prefect server, MLflow server, two workers. All on 127.0.0.1.

Its files (logs, process ids, Prefect's database) live in `.stack/` below the root.

Example: ``python -m flows.stack start`` (and ``stop``, ``status``)
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from components.common.artifacts import write_json
from components.common.environment import ROOT
from components.common.errors import UserError
from components.common.machine.databases import sqlite_url
from components.common.machine.endings import ending
from components.runner.tracking.provenance import process_identity
from flows.execution.cli import command, exit_code
from flows.execution.temporary_server import DATABASE

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 20.0
POOLS = ("gpu", "cpu")
VERBS = ("start", "stop", "status")


@dataclass(frozen=True)
class Ports:
    prefect: int = 4200
    mlflow: int = 5000


@dataclass(frozen=True)
class Service:
    """One process of the stack; `ready` is the address that answers once it is up ("" for none)."""

    name: str
    command: tuple[str, ...]
    ready: str = ""


def environment(root: Path, ports: Ports) -> dict[str, str]:
    """What every process of the stack, and every client of it, needs to know. Other settings: `prefect.toml`."""
    return {
        "PREFECT_API_URL": f"http://{HOST}:{ports.prefect}/api",
        "PREFECT_HOME": str(root / ".stack" / "prefect"),
        DATABASE: os.environ.get(DATABASE) or sqlite_url(root / ".stack" / "prefect" / "prefect.db", "aiosqlite"),
        "DO_NOT_TRACK": "true",
        ROOT.name: str(root),
        "MLFLOW_TRACKING_URI": f"http://{HOST}:{ports.mlflow}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def services(root: Path, ports: Ports) -> tuple[Service, ...]:
    """In starting order: servers first, then a worker for each pool."""
    store = sqlite_url(root / "mlflow.db")
    mlflow = ("mlflow", "server", "--backend-store-uri", store, "--artifacts-destination", str(root / "mlartifacts"))
    return (
        Service(
            "prefect",
            ("prefect", "server", "start", "--host", HOST, "--port", str(ports.prefect)),
            f"http://{HOST}:{ports.prefect}/api/health",
        ),
        Service(
            "mlflow",
            (*mlflow, "--host", HOST, "--port", str(ports.mlflow), "--workers", "1"),
            f"http://{HOST}:{ports.mlflow}/health",
        ),
        *(Service(f"worker-{pool}", (sys.executable, "-m", "flows.worker", pool)) for pool in POOLS),
    )


def _record(root: Path) -> Path:
    return root / ".stack" / "processes.json"


def running(root: Path) -> dict[str, int]:
    """Name -> pid of the services that are alive. A pid that another program got since does not count."""
    return {name: int(who.split("/")[1]) for name, who in _recorded(root)["processes"].items() if _is(who, root)}


def _recorded(root: Path) -> dict[str, Any]:
    """What `start` wrote: identities of processes and the ports of the servers."""
    path = _record(root)
    try:
        stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise UserError(f"{path} is damaged; end the processes of the stack by hand and remove it") from error
    processes = stored.get("processes", {name: who for name, who in stored.items() if isinstance(who, str)})
    return {"processes": processes, "ports": stored.get("ports", {})}


def _is(who: str, root: Path) -> bool:
    """Whether it is the process that was started, and works in this folder: a copied project has a copied record."""
    try:
        pid = int(who.split("/")[1])
        return process_identity(pid) == who and Path(psutil.Process(pid).cwd()) == root.resolve()
    except (IndexError, ValueError, psutil.Error):
        return False


def start(root: Path, ports: Ports = Ports(), say: Callable[[str], None] = print) -> None:
    """Start every service that is down, wait until it answers, register pools and deployments.

    When something fails, what this call started is stopped again.
    """
    alive = running(root)
    missing = [service for service in services(root, ports) if service.name not in alive]
    if not missing:
        raise UserError("the stack is running already; stop it with: make stack-stop")
    for service in missing:
        port = getattr(ports, service.name, None)
        if port is not None and in_use(port):
            raise UserError(f"port {port} is taken; stop what uses it, or choose another with --{service.name}-port")
    (root / ".stack").mkdir(exist_ok=True)
    variables = {**os.environ, **environment(root, ports)}
    # The databases that the servers will serve, whatever address this shell knows.
    own = {name: value for name, value in variables.items() if name not in ("MLFLOW_TRACKING_URI", "OPTUNA_STORAGE")}
    _module(root, own, "flows.setup")
    try:
        servers = {service: _launch(root, service, variables, ports) for service in missing if service.ready}
        for service, process in servers.items():
            began = time.monotonic()
            _wait(service, process)
            say(f"{service.name}: answers after {time.monotonic() - began:.0f} s")
        _module(root, variables, "flows.deploy")
        say("pools, queues, limits and deployments: registered")
        for service in missing:
            if not service.ready:
                _launch(root, service, variables, ports)
                say(f"{service.name}: started")
    except BaseException:
        stop(root, [service.name for service in missing])
        raise


def in_use(port: int) -> bool:
    """Whether something listens on the port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _launch(root: Path, service: Service, variables: Mapping[str, str], ports: Ports) -> subprocess.Popen[bytes]:
    with (root / ".stack" / f"{service.name}.log").open("ab") as log:
        process = subprocess.Popen(
            service.command,
            cwd=root,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    recorded = _recorded(root)
    recorded["processes"][service.name] = process_identity(process.pid)
    if service.ready:
        recorded["ports"][service.name] = getattr(ports, service.name)
    write_json(_record(root), recorded)
    return process


def _wait(service: Service, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (code := process.poll()) is not None:
            raise UserError(f"{service.name} {ending(code)} at once; see .stack/{service.name}.log")
        if answers(service):
            return
        time.sleep(0.5)
    raise UserError(f"{service.name} did not answer within {START_SECONDS:.0f} s; see .stack/{service.name}.log")


def answers(service: Service) -> bool:
    """Whether the service says that it is well."""
    try:
        with urllib.request.urlopen(service.ready, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _module(root: Path, variables: Mapping[str, str], name: str) -> None:
    """`python -m <name>` in a process of its own: libraries read their settings once, when they are imported."""
    process = subprocess.run(
        [sys.executable, "-m", name], cwd=root, env=variables, capture_output=True, text=True, check=False
    )
    if process.returncode != 0:
        last = (process.stderr or process.stdout).strip().splitlines()[-1:] or [ending(process.returncode)]
        raise UserError(f"{name} failed: {' '.join(last).removeprefix('error: ')[-400:]}")


def stop(root: Path, names: Sequence[str] | None = None) -> list[str]:
    """End services and all that they started, flow runs too; returns the names of those that ran.

    names: which (None: all).
    """
    alive = {name: pid for name, pid in running(root).items() if names is None or name in names}
    family: dict[int, psutil.Process] = {}
    for pid in alive.values():
        try:
            leader = psutil.Process(pid)
            family |= {process.pid: process for process in (leader, *leader.children(recursive=True))}
        except psutil.NoSuchProcess:
            continue
    # Workers first: a worker whose server is gone would wait for it.
    for name in reversed(list(alive)):
        if alive[name] in family:
            _signal(family[alive[name]].terminate)
    _, survivors = psutil.wait_procs(family.values(), timeout=STOP_SECONDS)
    for process in survivors:
        _signal(process.kill)
    psutil.wait_procs(survivors, timeout=STOP_SECONDS)
    if not running(root):
        _record(root).unlink(missing_ok=True)
    return list(alive)


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        send()


def status(root: Path) -> dict[str, str]:
    """Service -> `answers at <address>`, `runs` (one without an address), `... but does not answer` or `is down`."""
    alive = running(root)
    words = {}
    for service in services(root, Ports(**_recorded(root)["ports"])):
        if service.name not in alive:
            words[service.name] = "is down"
        elif not service.ready:
            words[service.name] = "runs"
        else:
            address = service.ready.removesuffix("/health").removesuffix("/api")
            words[service.name] = (
                f"answers at {address}" if answers(service) else f"runs but does not answer at {address}"
            )
    return words


def main(arguments: list[str] | None = None) -> int:
    parser = command("stack", __doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--prefect-port", type=int, default=Ports.prefect)
    parser.add_argument("--mlflow-port", type=int, default=Ports.mlflow)
    options = parser.parse_args(arguments)
    root, ports = Path(options.root).resolve(), Ports(options.prefect_port, options.mlflow_port)

    def work() -> None:
        if options.verb == "start":
            print("stack: starting, about half a minute", flush=True)
            start(root, ports, lambda line: print(f"  {line}", flush=True))
            print(f"Prefect UI  http://{HOST}:{ports.prefect}\nMLflow UI   http://{HOST}:{ports.mlflow}")
            print(f"export PREFECT_API_URL=http://{HOST}:{ports.prefect}/api  # to talk to it from this shell")
        elif options.verb == "stop":
            print("stopped: " + (", ".join(stop(root)) or "nothing was running"))
        else:
            print("\n".join(f"{name}: {word}" for name, word in status(root).items()))

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
