"""Start and stop the whole stack on this machine: Prefect server, MLflow server, one worker. All on 127.0.0.1.

Example: ``python -m flows.stack start`` (and ``stop``, ``status``)
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from components.common.errors import EXIT_BAD_INPUT, EXIT_FAILURE, UserError
from flows.setup import setup

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 15.0


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
    """What every process of the stack, and every client of it, needs to know."""
    return {
        "PREFECT_API_URL": f"http://{HOST}:{ports.prefect}/api",
        "PREFECT_HOME": str(root / ".stack" / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "DO_NOT_TRACK": "true",
        "STYLE2TALKER_ROOT": str(root),
        "MLFLOW_TRACKING_URI": f"http://{HOST}:{ports.mlflow}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def services(root: Path, ports: Ports) -> tuple[Service, ...]:
    """In starting order."""
    store = f"sqlite:///{root / 'mlflow.db'}"
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
        Service("worker", ("prefect", "worker", "start", "--pool", "gpu", "--type", "process")),
    )


def _pids(root: Path) -> Path:
    return root / ".stack" / "pids.json"


def running(root: Path) -> dict[str, int]:
    """Name -> pid of the services that are alive."""
    path = _pids(root)
    known: dict[str, int] = json.loads(path.read_text()) if path.is_file() else {}
    return {name: pid for name, pid in known.items() if _alive(pid)}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def start(root: Path, ports: Ports = Ports()) -> None:
    """Start every service, wait until it answers, then register pools, limits and deployments."""
    if running(root):
        raise UserError("the stack is running already; stop it with: make stack-stop")
    (root / ".stack").mkdir(exist_ok=True)
    setup(root)
    variables = {**os.environ, **environment(root, ports)}
    started: dict[str, int] = {}
    for service in services(root, ports):
        if service.name == "worker":
            register(root, variables)
        log = (root / ".stack" / f"{service.name}.log").open("ab")
        process = subprocess.Popen(
            service.command, cwd=root, env=variables, stdout=log, stderr=log, start_new_session=True
        )
        started[service.name] = process.pid
        _pids(root).write_text(json.dumps(started))
        _wait(service, process)


def _wait(service: Service, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while service.ready and time.monotonic() < deadline:
        if process.poll() is not None:
            raise UserError(f"{service.name} ended at once; see .stack/{service.name}.log")
        try:
            with urllib.request.urlopen(service.ready, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    if service.ready:
        raise UserError(f"{service.name} did not answer within {START_SECONDS:.0f} s; see .stack/{service.name}.log")


def register(root: Path, variables: dict[str, str]) -> None:
    """Work pools, the GPU slot and the deployments of `prefect.yaml`; safe to repeat."""
    for pool in ("cpu", "gpu"):
        _prefect(root, variables, "work-pool", "create", pool, "--type", "process", "--overwrite")
    subprocess.run(
        ["prefect", "gcl", "create", "gpu", "--limit", "1"], cwd=root, env=variables, capture_output=True, check=False
    )
    _prefect(root, variables, "--no-prompt", "deploy", "--all")


def _prefect(root: Path, variables: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(["prefect", *arguments], cwd=root, env=variables, capture_output=True, text=True)
    if done.returncode != 0:
        raise UserError(f"prefect {' '.join(arguments[:3])} failed: {(done.stderr or done.stdout).strip()[-300:]}")


def stop(root: Path) -> list[str]:
    """End every service and its children; returns the names of those that ran."""
    alive = running(root)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in alive.values():
            if _alive(pid):
                os.killpg(pid, sign)
        deadline = time.monotonic() + STOP_SECONDS
        while any(_alive(pid) for pid in alive.values()) and time.monotonic() < deadline:
            time.sleep(0.2)
    _pids(root).unlink(missing_ok=True)
    return list(alive)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m flows.stack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("start", "stop", "status"))
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--prefect-port", type=int, default=Ports.prefect)
    parser.add_argument("--mlflow-port", type=int, default=Ports.mlflow)
    options = parser.parse_args(arguments)
    root, ports = options.root.resolve(), Ports(options.prefect_port, options.mlflow_port)
    try:
        if options.verb == "start":
            start(root, ports)
            print(f"Prefect UI  http://{HOST}:{ports.prefect}\nMLflow UI   http://{HOST}:{ports.mlflow}")
            print(f"export PREFECT_API_URL=http://{HOST}:{ports.prefect}/api  # to talk to it from this shell")
        elif options.verb == "stop":
            print("stopped: " + (", ".join(stop(root)) or "nothing was running"))
        else:
            print("running: " + (", ".join(running(root)) or "nothing"))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT if "already" in str(error) else EXIT_FAILURE
    return 0


if __name__ == "__main__":
    sys.exit(main())
