"""The dashboard shows studies that are there, or says in one line what is missing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows import dashboard
from tests.flows.sweeps.studies import finish, open_study
from tests.project import ROOT

installed = pytest.mark.skipif(find_spec(dashboard.PACKAGE) is None, reason="the extra `dashboard` is not installed")


def test_what_is_missing_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTUNA_STORAGE", raising=False)
    monkeypatch.setattr(dashboard, "PACKAGE", "no_such_dashboard")
    with pytest.raises(UserError, match=r"not installed; add its extra: .*\[pipeline,dashboard\]"):
        dashboard.storage(tmp_path)
    monkeypatch.setattr(dashboard, "PACKAGE", "optuna")
    with pytest.raises(UserError, match="no sweep has run here"):
        dashboard.storage(tmp_path)
    assert not (tmp_path / "optuna.db").exists()
    (tmp_path / "optuna.db").touch()
    assert dashboard.storage(tmp_path) == f"sqlite:///{tmp_path / 'optuna.db'}"


def test_a_taken_port_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "PACKAGE", "optuna")
    monkeypatch.delenv("OPTUNA_STORAGE", raising=False)
    (tmp_path / "optuna.db").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} is taken; .* --port {port + 1}"):
            dashboard.serve(tmp_path, port)


@installed
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_a_study_is_served(tmp_path: Path) -> None:
    finish(open_study(tmp_path), 0.25)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flows.dashboard", "--root", str(tmp_path), "--port", str(port)]
    open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        try:
            for _ in range(120):
                try:
                    answer = json.load(open_directly.open(f"http://127.0.0.1:{port}/api/studies"))
                    break
                except OSError:
                    time.sleep(0.5)
            assert [one["study_name"] for one in answer["study_summaries"]] == ["study"]
        finally:
            process.terminate()
