"""New footage on a real project: more of the same is no drift; dark, quiet footage is, and retrains the project."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient

from components.common.media import VideoWriter, read_audio, read_frames
from components.common.params import Prepare
from components.corpus.embedded import synthesize
from tests.chaos.tools import processes
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1200)]


def spoil(source: Path, target: Path) -> None:
    """The same clips, dark and hardly to be heard above noise, in a plain folder with one emotion for all."""
    rng = np.random.default_rng(0)
    rows = ["file,emotion,intensity"]
    for number, video in enumerate(sorted(source.rglob("*.mp4"))[:9]):
        name = f"person{number % 3}/{number:02d}.mp4"
        frames = list(read_frames(video))
        sound = read_audio(video)
        noisy = (0.1 * sound + 0.004 * rng.normal(size=len(sound))).astype(np.float32)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with VideoWriter(target / name, frames[0].shape[1], frames[0].shape[0], audio=noisy) as writer:
            for frame in frames:
                writer.add((frame * 0.35).astype(np.uint8))
        rows.append(f"{name},angry,3")
    (target / "labels.csv").write_text("\n".join(rows) + "\n")


def runs(project: Project, kind: str) -> list[Any]:
    client = MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("style2talker")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], f"tags.kind = '{kind}'"))


def test_drift_is_found_for_its_reasons_and_retrains(project: Project, tmp_path: Path) -> None:
    same, dark = tmp_path / "same", project.root / "footage" / "dark"
    synthesize(same, Prepare(clips=15, identities=3, seconds=1.6), seed=0, workers=1)
    spoil(same, dark)
    before = project.hashes()
    check = (sys.executable, "-m", "flows.drift")

    done = project.completed(*check, str(same))
    assert done.returncode == 0, done.stdout[-3000:]
    assert "No drift" in done.stdout
    assert project.hashes() == before
    assert not list((project.root / ".sweeps" / "drift").glob("*"))

    project.set("prepare.source", "folder")
    project.set("prepare.path", str(dark.parent))
    done = project.completed(*check, str(dark), "--retrain")
    assert done.returncode == 3, done.stdout[-6000:]
    verdict = json.loads((project.root / "out" / "drift" / "dark" / "drift.json").read_text())
    assert verdict["drifted"]
    assert any("pictures are darker" in reason for reason in verdict["reasons"])
    assert any("speech is quieter" in reason for reason in verdict["reasons"])
    assert not any("voices" in reason for reason in verdict["reasons"])
    assert "pictures are darker" in (project.root / "out" / "drift" / "dark" / "index.html").read_text()

    told = {run.data.tags["footage"]: run.data.tags["drift"] for run in runs(project, "drift")}
    assert told == {"same": "false", "dark": "true"}
    after = project.hashes()
    assert {name for name in before if before[name] != after[name]} >= {
        "data/prepared",
        "data/coefficients",
        "models/style_e",
        "models/style_a",
    }
    assert len(runs(project, "retrain")) == 1
    assert project.repro() == (set(), set())
    assert not processes(project.root)
