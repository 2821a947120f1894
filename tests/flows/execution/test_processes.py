"""Children of flows: lines arrive, failures carry the last line, and nothing outlives an interruption."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.execution.processes import CommandError, stream


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_lines_come_in_order() -> None:
    lines: list[str] = []
    tail = stream([sys.executable, "-c", "for i in range(5): print('line', i)"], lines.append)
    assert lines == tail == [f"line {i}" for i in range(5)]


def test_a_failure_names_code_and_last_line() -> None:
    script = "import sys; print('no disk'); sys.exit(3)"
    with pytest.raises(CommandError, match="no disk") as caught:
        stream([sys.executable, "-c", script], lambda _: None)
    assert caught.value.code == 3


def test_an_interrupted_stream_leaves_no_orphan(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = f"import subprocess,sys; p=subprocess.Popen(['sleep','60']); open({str(note)!r},'w').write(str(p.pid)); "
    child += "print('ready', flush=True); p.wait()"

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream([sys.executable, "-c", child], stop)
    pid = int(note.read_text())
    for _ in range(50):
        if not alive(pid):
            return
        time.sleep(0.1)
    pytest.fail("the grandchild is still alive")


def test_ticks_happen_while_the_child_is_quiet() -> None:
    ticks: list[float] = []
    stream([sys.executable, "-c", "import time; time.sleep(2.5)"], lambda _: None, on_tick=lambda: ticks.append(0.0))
    assert ticks


PARENT = """
import sys
from flows.execution.processes import stream
child = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
stream([sys.executable, "-c", child], lambda line: print(line, flush=True))
"""


def test_a_child_dies_with_its_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    for _ in range(50):
        if not alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the child is still alive")
