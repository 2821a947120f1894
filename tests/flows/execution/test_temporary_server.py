"""Prefect's temporary server is a child that the kernel ends with us; under a real server nothing is changed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.execution import temporary_server


def test_the_stand_in_starts_programs_and_is_the_module_otherwise() -> None:
    module = temporary_server._Tethered()
    assert module.PIPE is subprocess.PIPE
    command = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "a b"]
    with module.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate()[0] == "['a b']\n"
    assert process.returncode == 0


@pytest.mark.slow  # Prefect's server takes seconds to import
def test_only_where_no_server_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.server.api import server

    monkeypatch.setattr(server, "subprocess", subprocess)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        temporary_server.tie()
    assert vars(server)["subprocess"] is subprocess
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        temporary_server.tie()
    assert isinstance(vars(server)["subprocess"], temporary_server._Tethered)
