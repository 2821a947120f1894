"""Locks of the workspace: waited for, freed by a kill, and one line where they cannot be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows.execution.locks import exclusive

HOLDER = """
import sys, time
from pathlib import Path
from flows.execution.locks import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_waits_until_the_first_is_killed(tmp_path: Path) -> None:
    path, lines = tmp_path / "deep" / "x.lock", []
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"

        def heard(line: str) -> None:
            lines.append(line)
            holder.kill()

        with exclusive(path, heard):
            assert holder.wait() != 0
    assert lines == ["waiting for lock x.lock: another run is at work"]


def test_where_nothing_can_be_written() -> None:
    with pytest.raises(UserError, match="cannot be written"), exclusive(Path("/sys/kernel/x.lock")):
        pass
