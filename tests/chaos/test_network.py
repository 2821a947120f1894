"""No network at all: the whole smoke pipeline, in a namespace that has nothing but itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.tools import no_traceback
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]

# The loop-back device is up, as on any machine without a network; nothing else is there.
INSIDE = 'ip link set lo up && exec "$@"'


def isolated(*command: str) -> tuple[str, ...]:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody make a network namespace")
    return ("unshare", "-n", "sh", "-c", INSIDE, "sh", *command)


@pytest.mark.scenario("20: no network at all: cold smoke pipeline, then a retraining without a server")
def test_everything_works_alone(finished_project: Project, tmp_path: Path) -> None:
    project = Project.make(tmp_path / "alone")
    text = project.run(*isolated("dvc", "repro"), timeout=1200)
    no_traceback(text)
    assert project.hashes() == finished_project.hashes()
    project.commit("Train")
    text = project.run(*isolated(sys.executable, "-m", "flows.retrain"), timeout=600)
    no_traceback(text)
    assert "Completed" in text
    # A name that is looked up gives an error at once; a library that retried would show here.
    assert "retry" not in text.lower()
