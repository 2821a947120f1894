"""A whole stack on free ports for tests: servers, workers, and someone who receives notifications."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil

from tests.chaos.tools import STAGE_E, checkpoints, free_port, processes, wait_for
from tests.project import Project

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Receiver:
    """A web server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        kept = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kept.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def subjects(self) -> list[str]:
        return [message["subject"] for message in self.messages]

    def close(self) -> None:
        self._server.shutdown()


class Stack:
    """`python -m flows.stack` of one project, and Prefect's own API."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ports = (free_port(), free_port())
        self.api = f"http://127.0.0.1:{self.ports[0]}/api"
        self.mlflow = f"http://127.0.0.1:{self.ports[1]}"
        project.environment |= {
            "PREFECT_API_URL": self.api,
            "PREFECT_HOME": str(project.root / ".stack" / "prefect"),
            "MLFLOW_TRACKING_URI": self.mlflow,
            "STYLE2TALKER_CPU_SLOT": "1",
            "STYLE2TALKER_SLOTS": str(project.root / ".stack"),
            "STYLE2TALKER_ROOT": str(project.root),
        }

    def start(self) -> str:
        prefect, mlflow = map(str, self.ports)
        command = ("-m", "flows.stack", "start", "--prefect-port", prefect, "--mlflow-port", mlflow)
        return self.project.run(sys.executable, *command)

    def stop(self) -> str:
        return self.project.run(sys.executable, "-m", "flows.stack", "stop")

    def kill(self, *names: str) -> None:
        """kill -9 of services and what they started in their own process group."""
        known = json.loads((self.project.root / ".stack" / "processes.json").read_text())["processes"]
        for name in names:
            os.killpg(int(known[name].split("/")[1]), signal.SIGKILL)

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """One request to Prefect's API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.api + path,
            data,
            {"Content-Type": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    content = answer.read()
                break
            except urllib.error.HTTPError as error:
                if error.code != 503:  # "busy, ask again", as Prefect's own client does
                    raise
                time.sleep(1)
        return json.loads(content) if content else None

    def deployment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"/deployments/name/{name}")
        return found

    @contextmanager
    def unscheduled(self, name: str) -> Iterator[None]:
        """Nothing runs a deployment by its schedule: none of its runs is open at the start, and none begins."""
        deployment = self.deployment(name)
        place = f"/deployments/{deployment['id']}/schedules/{deployment['schedules'][0]['id']}"
        open_ones = {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}}
        its = {"id": {"any_": [deployment["id"]]}}
        self.ask(place, {"active": False}, "PATCH")
        try:
            wait_for(f"no run of {name}", lambda: not self.runs(deployments=its, flow_runs=open_ones), 90, 0.5)
            yield
        finally:
            self.ask(place, {"active": True}, "PATCH")

    def launch(self, name: str, **more: Any) -> str:
        """A run of a deployment, now; its id."""
        run = self.ask(
            f"/deployments/{self.deployment(name)['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}, **more}
        )
        return str(run["id"])

    def runs(self, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", **wanted})
        return found

    def run(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"/flow_runs/{key}")
        return found

    def state(self, key: str) -> str:
        return str(self.run(key)["state"]["type"])

    def wait(self, key: str, *states: str, seconds: float = 600) -> dict[str, Any]:
        """Until the run is in one of `states`; its state with the message. Another end fails the test."""
        wait_for(f"run in {states}", lambda: self.state(key) in (*states, *ENDED), seconds, 0.5)
        run = self.run(key)
        assert run["state"]["type"] in states, (
            f"{run['state']['type']}: {run['state']['message']}\n{self.logs(key)[-3000:]}"
        )
        state: dict[str, Any] = run["state"]
        return state

    def cancel(self, key: str) -> None:
        """Cancel a run, as the UI does, and wait until nothing of it trains."""
        self.ask(f"/flow_runs/{key}/set_state", {"state": {"type": "CANCELLING"}})
        self.wait(key, "CANCELLED", seconds=120)
        wait_for("nothing trains", lambda: not processes(self.project.root, STAGE_E), 30)

    def logs(self, key: str) -> str:
        lines = self.ask(
            "/logs/filter", {"logs": {"flow_run_id": {"any_": [key]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
        )
        return "\n".join(line["message"] for line in lines)

    def slots_taken(self) -> float:
        return float(self.ask("/v2/concurrency_limits/gpu")["active_slots"])

    def training_begins(self, key: str = "") -> None:
        """Style-E trains, with a checkpoint on disk."""

        def begun() -> bool:
            if key and self.state(key) in ENDED:
                raise AssertionError(f"{self.run(key)['state']}\n{self.logs(key)[-3000:]}")
            return bool(checkpoints(self.project) and processes(self.project.root, STAGE_E))

        wait_for("Style-E trains", begun, 300, 0.2)

    def mlflow_runs(self, status: str) -> list[dict[str, Any]]:
        body = {"experiment_ids": [str(number) for number in range(4)], "filter": f"attributes.status = '{status}'"}
        request = urllib.request.Request(
            f"{self.mlflow}/api/2.0/mlflow/runs/search", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read()).get("runs", [])
        return found

    def champion(self) -> Mapping[str, Any] | None:
        """The registered version with the alias, from MLflow's API."""
        url = f"{self.mlflow}/api/2.0/mlflow/registered-models/alias?name=style2talker&alias=champion"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                found: Mapping[str, Any] = json.loads(answer.read())["model_version"]
        except urllib.error.HTTPError:
            return None
        return found


def engine(stack: Stack, key: str) -> psutil.Process:
    """The process that runs a flow run."""
    return psutil.Process(int(stack.run(key)["infrastructure_pid"]))


def log_path(project: Project, name: str) -> Path:
    return project.root / ".stack" / f"{name}.log"
