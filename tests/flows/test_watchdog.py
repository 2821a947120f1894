"""Who is dead: a process that is gone, never one that is merely unknown."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from prefect.client.schemas.objects import FlowRun

from components.common.layout import Layout
from components.common.params import Params
from components.runner.tracking.provenance import process_identity
from components.runner.tracking.runs import connect, start_run
from flows.deploy import SILENCE
from flows.watchdog import HEARTBEAT_SECONDS, LIMIT_TAG, close_tracking_runs, is_engine, local_pid

ROOT = Path(__file__).parents[2]
HOST = socket.gethostname()


def run_of(worker: str, pid: str | None) -> FlowRun:
    labels = {"prefect.worker.name": worker}
    return FlowRun(flow_id=uuid4(), labels=labels, infrastructure_pid=pid, work_pool_name="gpu")


@pytest.mark.parametrize(
    ("worker", "pid", "pid_here"),
    [
        (f"{HOST}-gpu", "123", 123),
        (f"{HOST}-gpu", f"{HOST}:123", 123),
        (f"{HOST}-gpu-second", "123", 123),
        ("another-machine-gpu", "123", None),
        (f"{HOST}-2-gpu", "123", None),  # a machine whose name begins with this one's
        (f"{HOST}-gpu", None, None),
        (f"{HOST}-gpu", "a-container", None),
    ],
)
def test_only_processes_of_this_machine_are_judged_by_pid(worker: str, pid: str | None, pid_here: int | None) -> None:
    assert local_pid(run_of(worker, pid)) == pid_here


def program(*arguments: str) -> subprocess.Popen[str]:
    """A running Python with `arguments`, past its start: until then it goes by its parent's name."""
    command = [sys.executable, "-c", "print('ready', flush=True); input()", *arguments]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    return running


def test_a_pid_that_another_program_has_by_now_is_no_engine() -> None:
    with program() as stranger:
        assert not is_engine(stranger.pid)
        stranger.kill()
    with program("prefect.flow_engine") as child:
        assert is_engine(child.pid)
        child.kill()
    assert not is_engine(child.pid)


def test_a_process_that_may_not_be_looked_at_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's, where `/proc` is hardened."""

    def refuse(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "status", refuse)
    assert is_engine(os.getpid())


def test_limits_are_hours() -> None:
    match = LIMIT_TAG.fullmatch("time-limit:20h")
    assert match is not None
    assert match[1] == "20"
    assert LIMIT_TAG.fullmatch("time-limit:soon") is None


@pytest.mark.slow
def test_runs_of_dead_processes_are_closed_and_others_spared(tmp_path: Path) -> None:
    client, experiment = connect(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = process_identity(child.pid)
        child.kill()
    dead = {"process.host": HOST, "process.id": name}
    ids = {
        kind: client.create_run(experiment, tags=tags).info.run_id
        for kind, tags in (("dead", dead), ("elsewhere", dead | {"process.host": "another"}), ("unknown", {}))
    }
    with start_run("prepare", Params(), Layout(tmp_path)) as tracker:
        ids["alive"] = str(tracker.run_id)
        (line,) = close_tracking_runs(tmp_path, dry_run=True)
        assert ids["dead"] in line
        assert client.get_run(ids["dead"]).info.status == "RUNNING"
        close_tracking_runs(tmp_path, dry_run=False)
        states = {kind: client.get_run(run).info.status for kind, run in ids.items()}
    assert states == {"dead": "KILLED", "elsewhere": "RUNNING", "unknown": "RUNNING", "alive": "RUNNING"}
    assert close_tracking_runs(tmp_path, dry_run=False) == []


def test_every_flow_has_the_heartbeat_that_the_watchdog_listens_for() -> None:
    script = "from prefect.settings import get_current_settings as s; print(s().flows.heartbeat_frequency)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT")}
    process = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert float(process.stdout) == HEARTBEAT_SECONDS
    assert SILENCE.total_seconds() > 2 * HEARTBEAT_SECONDS
