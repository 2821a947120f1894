"""Hostile files of every kind, drawn from seeds: one line each, no hang, bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chaos.hostile import Honest, hostile
from tests.chaos.tools import no_traceback
from tests.project import ROOT, Project

pytestmark = [pytest.mark.timeout(3600), pytest.mark.skipif(sys.platform != "linux", reason="links and pipes of Linux")]

MOST_MEGABYTES = 1500  # of one process
MOST_SECONDS = 30.0  # of one file, on a core of its own: CPU time
FEW = pytest.param(18, marks=pytest.mark.slow)
ALLOWED = (0, 1, 2)  # exit codes of a command: done, failed, bad input


def run(*arguments: object, limit: float) -> list[dict[str, Any]]:
    """What `hostile_run.py` tells of each file; a hang ends it after `limit` seconds."""
    command = [sys.executable, "-m", "tests.chaos.hostile_run", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(records: list[dict[str, Any]]) -> None:
    for record in records:
        no_traceback(record["said"])
        assert "mistake of the program" not in record["said"], record
        assert record.get("cpu", 0.0) < MOST_SECONDS, record
        assert record.get("megabytes", 0) < MOST_MEGABYTES, record


@pytest.mark.scenario("hostile inputs of a generation, and damaged weights")
@pytest.mark.parametrize("count", [FEW, 300])
def test_generate(models: Path, tmp_path: Path, count: int) -> None:
    records = run("generate", models, tmp_path, 0, count, limit=120 + 60 * count)
    assert len(records) == count
    judge(records)
    for record in records:
        assert record["result"] in ALLOWED, record
        lines = [line for line in record["said"].splitlines() if line.startswith("error: ")]
        assert len(lines) == (record["result"] != 0), record


def footage(folder: Path, face: Any, count: int) -> Path:
    """That many hostile files, and one good clip."""
    folder.mkdir()
    honest = Honest.make(folder.parent / "honest", face)
    for seed in range(count):
        hostile(folder, seed, honest)
    (folder / "good.mp4").write_bytes(honest.video)
    return folder


@pytest.mark.scenario("hostile footage under plain `dvc repro`")
@pytest.mark.parametrize("count", [FEW, 200])
def test_dvc(face: Any, tmp_path: Path, count: int) -> None:
    folder = footage(tmp_path / "footage", face, count)
    project = Project.make(tmp_path / "project")
    project.set("prepare.source", "folder")
    project.set("prepare.path", str(folder))
    project.set("prepare.max_quarantine", 1.0)
    done = project.completed("dvc", "repro", "prepare", timeout=240 + 15 * count)
    no_traceback(done.stdout)
    assert "mistake of the program" not in done.stdout
    assert done.returncode == 0, done.stdout[-3000:]
    # Nothing has changed, so nothing is prepared again.
    assert project.repro("prepare") == (set(), set())
    records = run("footage", folder, tmp_path, limit=240 + 15 * count)
    judge(records)
    assert {record["result"] for record in records} == {"prepared", "refused"}


def test_every_kind_of_crafted_file_can_be_made(tmp_path: Path) -> None:
    from tests.chaos.hostile_media import CRAFTED

    cheap = set(CRAFTED) - {"large picture", "large video", "long sound"}
    for name in sorted(cheap):
        CRAFTED[name](tmp_path / "x", np.random.default_rng(0))
        assert (tmp_path / "x").stat().st_size
