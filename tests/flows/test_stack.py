"""The stack's words: what is down, which port is taken."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.tracking.provenance import process_identity
from flows import stack


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} is taken.*--prefect-port"):
            stack.start(tmp_path, stack.Ports(prefect=port))
    assert not (tmp_path / ".stack").exists()


def test_a_pid_that_another_program_has_by_now_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".stack").mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=tmp_path) as stranger:
        mine = process_identity(stranger.pid)
        boot, pid, ticks = mine.split("/")
        identities = {"prefect": f"{boot}/{pid}/{int(ticks) - 1}", "mlflow": mine}
        recorded = {"processes": identities, "ports": {"mlflow": 1}}
        (tmp_path / ".stack" / "processes.json").write_text(json.dumps(recorded))
        assert stack.running(tmp_path) == {"mlflow": stranger.pid}
        assert stack.status(tmp_path)["prefect"] == "is down"
        assert stack.status(tmp_path)["mlflow"] == "runs but does not answer at http://127.0.0.1:1"
        assert stack.stop(tmp_path) == ["mlflow"]
        assert not process_identity(stranger.pid)
    assert stack.stop(tmp_path) == []


def test_a_copied_project_leaves_the_stack_of_the_original_alone(tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    (original / ".stack").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=original) as server:
        record = json.dumps({"processes": {"prefect": process_identity(server.pid)}, "ports": {"prefect": 1}})
        (original / ".stack" / "processes.json").write_text(record)
        shutil.copytree(original, copy)
        assert stack.stop(copy) == []
        assert stack.status(copy)["prefect"] == "is down"
        assert stack.running(original) == {"prefect": server.pid}
        moved = original.rename(tmp_path / "moved")
        assert stack.stop(moved) == ["prefect"]


def test_a_damaged_record_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".stack").mkdir()
    (tmp_path / ".stack" / "processes.json").write_text('{"pre')
    with pytest.raises(UserError, match=r"processes\.json is damaged"):
        stack.running(tmp_path)


def test_clients_of_the_stack_know_its_addresses(tmp_path: Path) -> None:
    variables = stack.environment(tmp_path, stack.Ports(prefect=1, mlflow=2))
    assert variables["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert variables["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:2"
    services = stack.services(tmp_path, stack.Ports(prefect=1, mlflow=2))
    assert [service.name for service in services] == ["prefect", "mlflow", "worker-gpu", "worker-cpu"]
    assert [bool(service.ready) for service in services] == [True, True, False, False]
    assert [worker.command[-2:] for worker in services[2:]] == [("flows.worker", "gpu"), ("flows.worker", "cpu")]
