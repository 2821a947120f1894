"""Many kills, at random moments, of random processes, in every stage: right bytes, and nothing left to do by hand."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from flows.execution.mend import mend
from tests.chaos.tools import log_of, no_orphan, no_traceback, processes
from tests.project import DATA_OUTS, FIRST, Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(7200)]

KILLS = 35  # in the suite; `pytest tests/chaos/test_kills.py --kills 100` takes about half an hour on two idle cores
SEED = 20
NOBODY = "nobody: it had ended"
FIRST_SECONDS = 5.0  # half of the kills fall into them: starting, loading, compiling
STAGES = (
    "prepare", "fit_regressor", "extract_coefficients", "annotate", "train_style_e", "train_style_a", "evaluate",
)  # fmt: skip
VICTIMS = ("everything", "dvc", "the launcher", "the stage", "a worker")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def strike(project: Project, running: Any, victim: str, sign: signal.Signals) -> str:
    """Send the signal; returns who got it: everything, where the victim is not there yet."""
    launchers = processes(project.root, "components.runner.launch")
    children = [child for launcher in launchers for child in launcher.children()]
    workers = [worker for child in children for worker in child.children(recursive=True)]
    found = {
        "dvc": [psutil.Process(running.pid)],
        "the launcher": launchers,
        "the stage": children,
        "a worker": workers,
    }
    try:
        if victims := found.get(victim):
            victims[-1].send_signal(sign)
            return victim
    except psutil.NoSuchProcess:
        pass
    # As a terminal does; before a stage runs, a polite signal would be answered by `dvc` alone.
    os.killpg(running.pid, sign if launchers else signal.SIGKILL)
    return VICTIMS[0]


def kill_once(project: Project, stage: str, moment: float, victim: str, sign: signal.Signals) -> str:
    """Start the stage, strike after `moment` seconds, wait until all is over; a line about it."""
    (project.root / "process.log").unlink(missing_ok=True)
    for line in mend(project.root):  # as `make demo` and every flow do: a kill may cut off what DVC itself writes
        print(line, flush=True)
    running = project.popen("dvc", "repro", stage)
    try:
        running.wait(moment)
    except Exception:  # it is at work: subprocess's TimeoutExpired
        if sign is signal.SIGINT and victim in ("dvc", "the stage"):
            victim = VICTIMS[0]  # Ctrl-C goes to all
        try:
            victim = strike(project, running, victim, sign)
        except ProcessLookupError:
            victim = NOBODY
    else:
        victim = NOBODY
    running.wait(300)
    no_orphan(project.root, 15)
    no_traceback(log_of(project))
    return f"{stage} after {moment:.1f} s: {sign.name} to {victim}"


def forget(project: Project, stage: str) -> None:
    """As if the stage had never ended well: a kill that comes too late must not spare the next ones their work."""
    shutil.rmtree(project.root / ".dvc" / "cache" / "runs", ignore_errors=True)
    (project.root / "metrics" / f"{stage}.json").unlink(missing_ok=True)


def survive(project: Project, kills: int, seconds: dict[str, int], seed: int, log: Path) -> dict[str, str]:
    """Kill each stage its share of times, then let it end; the hashes of all outputs."""
    chance = random.Random(seed)
    for number in range(kills):
        stage = STAGES[number * len(STAGES) // kills]
        forget(project, stage)
        latest = FIRST_SECONDS if chance.random() < 0.5 else seconds.get(stage, 20) + FIRST_SECONDS
        line = NOBODY
        while NOBODY in line:  # a kill that comes too late is none
            victim, sign = chance.choice(VICTIMS), chance.choice(SIGNALS)
            line = kill_once(project, stage, chance.uniform(0, latest), victim, sign)
            latest /= 2
            forget(project, stage)
        with log.open("a") as stream:
            stream.write(f"{number + 1}: {line}\n")
        if number + 1 == kills or STAGES[(number + 1) * len(STAGES) // kills] != stage:
            mend(project.root)
            no_traceback(project.run("dvc", "repro", stage, timeout=1800))
    return project.hashes()


@pytest.mark.scenario("random kills in every stage, their first seconds included")
def test_random_kills_cost_nothing_but_time(
    finished_project: Project, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = int(request.config.getoption("--kills", 0)) or KILLS
    project = Project.make(tmp_path / "project")
    project.environment["STYLE2TALKER_CACHE"] = str(tmp_path / "cache")  # compiling is killed, too
    seconds = json.loads((finished_project.root / FIRST).read_text()).get("seconds", {})
    began = time.monotonic()
    hashes = survive(project, kills, seconds, SEED, tmp_path / "kills.log")
    print(f"{kills} kills in {time.monotonic() - began:.0f} s\n{(tmp_path / 'kills.log').read_text()}")
    assert set(hashes) == set(DATA_OUTS)
    assert hashes == finished_project.hashes()
    assert project.repro() == (set(), set())
    assert not list((project.root / ".checkpoints").rglob("state.safetensors"))
