"""One training at a time on a device that asks for turns; a killed holder frees its slot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.runner.gpu_lock import slot_file, slot_name, training_slot

HOLDER = """
import time
from components.runner.gpu_lock import training_slot
with training_slot("cpu", print):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path))
    monkeypatch.setenv("STYLE2TALKER_CPU_SLOT", "1")


def test_the_cpu_has_no_slot_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STYLE2TALKER_CPU_SLOT", raising=False)
    monkeypatch.setenv("STYLE2TALKER_SLOTS", str(tmp_path))
    assert slot_name("cpu") == ""
    with training_slot("cpu", print):
        assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("turns")
def test_the_second_waits_says_so_and_goes_on_when_the_first_is_killed() -> None:
    said: list[str] = []
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"

        def heard(line: str) -> None:
            said.append(line)
            holder.kill()

        with training_slot("cpu", heard):
            assert holder.wait() != 0
    assert len(said) == 1
    assert "waiting for cpu" in said[0]
    assert slot_file("cpu").is_file()
