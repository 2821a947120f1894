"""What prefect.yaml deploys exists; registering needs a server."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows import deploy
from flows.watchdog import LIMIT_TAG

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_deployments_name_flows_pools_and_queues_that_exist(deployment: dict[str, object]) -> None:
    module, _, name = str(deployment["entrypoint"]).partition(":")
    flow = getattr(importlib.import_module(module.removesuffix(".py").replace("/", ".")), name)
    pool = deployment["work_pool"]
    assert isinstance(pool, dict)
    assert pool["work_queue_name"] in deploy.QUEUES[pool["name"]]
    parameters = deployment.get("parameters", {})
    assert isinstance(parameters, dict)
    flow.validate_parameters(parameters)
    tags = deployment["tags"]
    assert isinstance(tags, list)
    assert any(LIMIT_TAG.fullmatch(tag) for tag in tags)


def test_every_run_works_where_its_worker_says() -> None:
    (step,) = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["pull"]
    (settings,) = step.values()
    assert settings == {"directory": deploy.WORKSPACE}


def test_registering_needs_a_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert deploy.main([]) == 2
    assert "PREFECT_API_URL" in capsys.readouterr().err
