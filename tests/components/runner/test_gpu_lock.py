"""One training at a time on a device that asks for turns; a killed holder frees its lock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from components.common.errors import UserError
from components.runner.gpu_lock import gpu_lock, lock_name, lock_path

HOLDER = """
import time
from components.runner.gpu_lock import gpu_lock
with gpu_lock("cpu", print):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path))
    monkeypatch.setenv("STYLE2TALKER_CPU_SLOT", "1")


def test_the_cpu_has_no_lock_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STYLE2TALKER_CPU_SLOT", raising=False)
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path))
    assert lock_name("cpu") == ""
    with gpu_lock("cpu", print):
        assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("turns")
def test_the_second_waits_says_so_and_goes_on_when_the_first_is_killed() -> None:
    lines: list[str] = []
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"

        def kill(line: str) -> None:
            lines.append(line)
            holder.kill()

        with gpu_lock("cpu", kill):
            assert holder.wait() != 0
    assert len(lines) == 1
    assert "waiting for cpu" in lines[0]
    assert lock_path("cpu").is_file()


def test_a_gpu_goes_by_its_uuid_whatever_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid="5f1c"))
    assert lock_name("auto") == lock_name("cuda") == "gpu-5f1c"


def test_a_gpu_that_is_not_there_is_said_before_anything_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError), gpu_lock("cuda", print):
        pass


def test_locks_lie_in_the_temporary_folder_unless_another_is_shared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("STYLE2TALKER_SLOTS", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert lock_path("gpu-1") == tmp_path / "style2talker-gpu-1.lock"
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path / "shared"))
    assert lock_path("gpu-1") == tmp_path / "shared" / "style2talker-gpu-1.lock"


@pytest.mark.usefixtures("turns")
def test_a_folder_for_locks_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path / "deep" / "locks"))
    with gpu_lock("cpu", print):
        assert (tmp_path / "deep" / "locks" / "style2talker-cpu.lock").is_file()


OTHER = """
import os, sys
from components.common.errors import UserError
from components.runner.gpu_lock import gpu_lock, lock_name
lock_name("cpu")  # loads what another user may not read
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with gpu_lock("cpu", print):
        print("held")
except UserError as error:
    print(error)
"""


@pytest.mark.usefixtures("turns")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_second_user_holds_what_a_careful_first_one_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)
        slots = Path(base, "slots")
        monkeypatch.setenv("STYLE2TALKER_SLOTS", str(slots))
        before = os.umask(0o077)
        try:
            with gpu_lock("cpu", print):
                pass
        finally:
            os.umask(before)
        other = [sys.executable, "-c", OTHER]
        assert subprocess.run(other, capture_output=True, text=True, check=True).stdout == "held\n"
        (slots / "style2talker-cpu.lock").chmod(0o600)  # as an older version left it
        said = subprocess.run(other, capture_output=True, text=True, check=True).stdout
        assert said.endswith("ask for `chmod a+r` or set STYLE2TALKER_SLOTS\n")
