"""A process has a name that no other ever bears."""

from __future__ import annotations

import os
import subprocess
import sys

from components.runner.tracking.provenance import process_identity, process_tags


def test_a_process_keeps_its_name_and_loses_it_when_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = process_identity(child.pid)
        assert name == process_identity(child.pid) != ""
        assert name != process_identity()
        child.kill()
        # Dead but not yet collected: a zombie works on nothing.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_identity(child.pid) == ""
    assert process_identity(child.pid) == ""
    assert process_tags()["process.id"] == process_identity()
