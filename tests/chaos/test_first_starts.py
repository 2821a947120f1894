"""Four first starts at once on empty databases, and databases that are broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos.tools import no_traceback
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

STUDY = """
from pathlib import Path
from flows.setup import optuna_uri
from flows.sweeps import optuna_study
from flows.sweeps.space import load_space
optuna_study.open_study("first", load_space("style_e"), optuna_uri(Path(".")).secret, 0)
"""
STAGE_RUN = """
from components.common.layout import Layout
from components.common.params import Params
from components.runner.tracking.runs import start_run
with start_run("prepare", Params(), Layout()) as tracker:
    tracker.log_metrics({"clips": 1.0})
    assert tracker.run_id
"""


@pytest.mark.slow
@pytest.mark.scenario("12: four first starts at once: setup twice, a study, a stage's run")
def test_four_first_starts_at_once(tmp_path: Path) -> None:
    project = Project.make(tmp_path / "project")
    commands = [("-m", "flows.setup"), ("-m", "flows.setup"), ("-c", STUDY), ("-c", STAGE_RUN)]
    logs = [tmp_path / f"{number}.log" for number in range(len(commands))]
    started = [project.popen(sys.executable, *what, log=log) for what, log in zip(commands, logs, strict=True)]
    codes = [process.wait(240) for process in started]
    texts = [log.read_text() for log in logs]
    assert codes == [0] * 4, texts
    for text in texts:
        no_traceback(text)
    # And they are databases that work.
    project.run(sys.executable, "-c", STAGE_RUN)
    project.run(sys.executable, "-c", STUDY)


@pytest.mark.scenario("a database that is no database")
@pytest.mark.parametrize("name", ["mlflow.db", "optuna.db"])
def test_a_broken_database_is_one_line(tmp_path: Path, name: str) -> None:
    project = Project.make(tmp_path / "project")
    (project.root / name).write_bytes(b"not a database at all" * 500)
    done = project.completed(sys.executable, "-m", "flows.setup")
    assert done.returncode == 2, done.stdout
    no_traceback(done.stdout)
    assert name in done.stdout.strip().splitlines()[-1]
