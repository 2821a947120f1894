"""The team of docs/deployment.md: its servers, started by the page's commands, and a registered project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.chaos.tools import free_port, wait_for
from tests.project import Project
from tests.servers.machines import (
    CREDENTIALS,
    answers,
    environment_for_all,
    git_server,
    object_store,
    password_proxy,
    postgres,
    running,
    up,
)
from tests.servers.page import block, filled

SERVER = "A server for a team"
RUNNER = "Another machine as GPU runner"
PASSWORD = "open-sesame"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Team:
    """Addresses, what every client knows, and Prefect's API."""

    def __init__(self, folder: Path, project: Project, database: str, s3: str, git: str) -> None:
        self.folder, self.project = folder, project
        self.database, self.s3, self.git = database, s3, git
        self.prefect = self.mlflow = ""
        self.environment = {k: v for k, v in project.environment.items() if k not in ("PREFECT_HOME", "HOME", "TMPDIR")}
        # These stand for what the page assumes: GPUs (here: turns on the CPU), and an object store of one region.
        self.environment |= {
            "STYLE2TALKER_CPU_SLOT": "on",
            "STYLE2TALKER_SLOTS": str(folder / "locks"),
            "AWS_DEFAULT_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
            "GIT_TERMINAL_PROMPT": "0",
        }
        self.environment |= environment_for_all(folder / "environment")

    def secrets(self) -> dict[str, str]:
        return {"<key>": CREDENTIALS["AWS_ACCESS_KEY_ID"], "<secret>": CREDENTIALS["AWS_SECRET_ACCESS_KEY"]}

    def client(self) -> dict[str, str]:
        """The variables that the page gives every client."""
        values = {
            "https://prefect.example.org": self.prefect,
            "https://mlflow.example.org": self.mlflow,
            "db.example.org": self.database,
            "<password>": PASSWORD,
        }
        script = filled(block(SERVER, 3), values | self.secrets())
        shown = subprocess.run(["bash", "-ec", f"{script}\nenv -0"], env={"PATH": os.defpath}, capture_output=True)
        lines = shown.stdout.decode().split("\0")
        found = dict(line.partition("=")[::2] for line in lines if "=" in line)
        return {name: value for name, value in found.items() if name.startswith(("PREFECT", "MLFLOW", "OPTUNA", "AWS"))}

    def run(self, script: str, env: Mapping[str, str] | None = None, check: bool = True) -> str:
        """A script on the registering machine, in its clone."""
        return self.project.run("bash", "-ec", script, env={**self.client(), **(env or {})}, check=check)

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """One request to Prefect's API."""
        request = urllib.request.Request(
            f"{self.prefect}/api{path}",
            None if body is None else json.dumps(body).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": "Basic " + b64encode(f"admin:{PASSWORD}".encode()).decode(),
            },
            method=method or ("GET" if body is None else "POST"),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def launch(self, name: str, parameters: Mapping[str, object]) -> str:
        """A run of a deployment, now; its id."""
        deployment = self.ask(f"/deployments/name/{name}")
        place = f"/deployments/{deployment['id']}/create_flow_run"
        return str(self.ask(place, {"state": {"type": "SCHEDULED"}, "parameters": dict(parameters)})["id"])

    def flow_run(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"/flow_runs/{key}")
        return found

    def logs(self, key: str) -> str:
        wanted = {"logs": {"flow_run_id": {"any_": [key]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
        return "\n".join(line["message"] for line in self.ask("/logs/filter", wanted))

    def completed(self, key: str, seconds: float) -> dict[str, Any]:
        """Wait for the end of a run, which must be a good one."""
        wait_for("the run ends", lambda: self.flow_run(key)["state"]["type"] in ENDED, seconds, 0.5)
        run = self.flow_run(key)
        assert run["state"]["type"] == "COMPLETED", f"{run['state']}\n{self.logs(key)[-4000:]}"
        return run

    def query(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """An answer of PostgreSQL to the owner of a database."""
        import psycopg2

        host, _, port = self.database.partition(":")
        connection = psycopg2.connect(host=host, port=port, user=database, password=PASSWORD, dbname=database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def founded(finished: Project, folder: Path) -> Iterator[Team]:
    """The section of the page from its top to its bottom. folder: one that every user may enter."""
    (folder / "locks").mkdir(mode=0o777)
    (folder / "locks").chmod(0o1777)
    project = finished.copy(folder / "admin" / "style2talker")
    with (
        postgres(folder / "postgres") as port,
        object_store(folder, "mlflow", "dvc") as s3,
        git_server(project.root, folder) as git,
    ):
        team = Team(folder, project, f"127.0.0.1:{port}", s3, git)
        sql = filled(block(SERVER, 0), {"<password>": PASSWORD})
        administrator = [
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(folder / "postgres"),
            "-p",
            str(port),
            "-U",
            "postgres",
        ]
        subprocess.run(administrator, input=sql, text=True, check=True)
        with _servers(team):
            yield team


@contextmanager
def _servers(team: Team) -> Iterator[None]:
    """Prefect's and MLflow's server, by the page's commands."""
    ports, folder = (free_port(), free_port()), team.folder
    names = {"db.example.org": team.database, "<password>": PASSWORD}
    prefect = filled(
        block(SERVER, 1), names | {"--host 0.0.0.0": "--host 127.0.0.1", "--port 4200": f"--port {ports[0]}"}
    )
    mlflow = filled(
        block(SERVER, 2),
        names | team.secrets() | {"https://s3.example.org": team.s3, "--port 5000": f"--port {ports[1]}"},
    )
    homes = {"PREFECT_HOME": str(folder / "prefect-home"), "DO_NOT_TRACK": "true"}
    where: dict[str, Any] = {"cwd": folder / "admin", "env": {**team.environment, **homes}}
    logs = (folder / "prefect.log", folder / "mlflow.log")
    with (
        running("bash", "-ec", prefect, log=logs[0], **where) as first,
        running("bash", "-ec", mlflow, log=logs[1], **where) as second,
        password_proxy(ports[1], "mlflow.example.org", "team", PASSWORD) as team.mlflow,
    ):
        team.prefect = f"http://127.0.0.1:{ports[0]}"
        up("Prefect", first, lambda: answers(f"{team.prefect}/api/health"), logs[0], 240)
        up("MLflow", second, lambda: answers(f"http://127.0.0.1:{ports[1]}/health"), logs[1], 240)
        yield


@contextmanager
def forgetful_server(folder: Path) -> Iterator[str]:
    """A Prefect server that was started away from the project and its settings; the address of its API."""
    port, log = free_port(), folder / "forgetful.log"
    environment = {**os.environ, "PREFECT_HOME": str(folder / "forgetful"), "DO_NOT_TRACK": "true"}
    command = (
        str(Path(sys.executable).with_name("prefect")),
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    )
    with running(*command, log=log, cwd=folder, env=environment) as process:
        up("Prefect", process, lambda: answers(f"http://127.0.0.1:{port}/api/health"), log, 240)
        yield f"http://127.0.0.1:{port}/api"
