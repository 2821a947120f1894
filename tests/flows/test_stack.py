"""The stack's words: what is down, which port is taken; and what prefect.yaml deploys exists."""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from components.common.errors import UserError
from components.runner.tracking.provenance import process_identity
from flows import deploy, stack
from flows.watchdog import HEARTBEAT_SECONDS, LIMIT_TAG

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["deployments"]


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
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        mine = process_identity(stranger.pid)
        boot, pid, ticks = mine.split("/")
        known = {"prefect": f"{boot}/{pid}/{int(ticks) - 1}", "mlflow": mine}
        (tmp_path / ".stack" / "processes.json").write_text(json.dumps(known))
        assert stack.running(tmp_path) == {"mlflow": stranger.pid}
        assert stack.status(tmp_path, stack.Ports(1, 1))["prefect"] == "is down"
        assert stack.status(tmp_path, stack.Ports(1, 1))["mlflow"] == "runs but does not answer"
        assert stack.stop(tmp_path) == ["mlflow"]
        assert not process_identity(stranger.pid)
    assert stack.stop(tmp_path) == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_deployments_name_flows_pools_and_queues_that_exist(deployment: dict[str, object]) -> None:
    module, _, name = str(deployment["entrypoint"]).partition(":")
    found = getattr(importlib.import_module(module.removesuffix(".py").replace("/", ".")), name)
    pool = deployment["work_pool"]
    assert isinstance(pool, dict)
    assert pool["work_queue_name"] in deploy.QUEUES[pool["name"]]
    parameters = deployment.get("parameters", {})
    assert isinstance(parameters, dict)
    found.validate_parameters(parameters)
    tags = deployment["tags"]
    assert isinstance(tags, list)
    assert any(LIMIT_TAG.fullmatch(tag) for tag in tags)


def test_every_flow_has_the_heartbeat_that_the_watchdog_listens_for() -> None:
    script = "from prefect.settings import get_current_settings as s; print(s().flows.heartbeat_frequency)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT")}
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert float(shown.stdout) == HEARTBEAT_SECONDS
    assert deploy.SILENCE.total_seconds() > 2 * HEARTBEAT_SECONDS


def test_registering_needs_a_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert deploy.main([]) == 2
    assert "PREFECT_API_URL" in capsys.readouterr().err
