"""A worker works in its own folder, under its machine's name, beside other users."""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows import worker
from flows.deploy import WORKSPACE


def steps(folder: str) -> list[dict[str, dict[str, str]]]:
    return [{"prefect.deployments.steps.set_working_directory": {"directory": folder}}]


def test_a_deployment_that_names_a_folder_of_another_machine_is_refused() -> None:
    worker.require_templates(
        [("nightly", steps(WORKSPACE)), ("by-hand", []), ("daily", [{"step": {"script": "true"}}])]
    )
    with pytest.raises(UserError, match=r"nightly works in /home/anna/style2talker.*python -m flows.deploy"):
        worker.require_templates([("nightly", steps("/home/anna/style2talker"))])


def test_what_a_worker_knows_of_its_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    monkeypatch.setenv("STYLE2TALKER_ROOT", "/srv/of/another/machine")
    monkeypatch.delenv("STYLE2TALKER_SLOTS", raising=False)
    variables = worker.environment(tmp_path)
    assert variables["STYLE2TALKER_ROOT"] == str(tmp_path)
    assert variables["STYLE2TALKER_SLOTS"] == str(shared)  # where trainings without a worker look for the GPU's lock
    assert Path(variables["TMPDIR"]).parent == shared
    assert Path(variables["TMPDIR"]).stat().st_mode & 0o777 == 0o700
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))
    monkeypatch.setenv("STYLE2TALKER_SLOTS", "/var/lock/style2talker")
    assert worker.environment(tmp_path)["STYLE2TALKER_SLOTS"] == "/var/lock/style2talker"


def test_it_needs_a_server_and_its_machines_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert worker.main(["gpu"]) == 2
    assert "PREFECT_API_URL" in capsys.readouterr().err
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert worker.main(["gpu", "--name", "somewhere-gpu"]) == 2
    assert f"{socket.gethostname()}-gpu" in capsys.readouterr().err
