"""Hostile footage and damaged coefficients: the stage names file and rule, and nothing after it starts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.common.artifacts import ClipCoefficients, load_arrays, save_arrays
from components.common.media.video_reader import VideoReader
from components.common.media.video_writer import VideoWriter
from tests.chaos.tools import no_traceback
from tests.project import Project

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

RULES = {
    "ann/zero.mp4": "",
    "ann/truncated.mp4": "",
    "ann/mute.mp4": "no audio",
    "ann/nobody.mp4": "no face",
}


def footage(project: Project, folder: Path) -> Path:
    """Three good clips of three people, and four that nobody can use."""
    clips = sorted((project.root / "data" / "prepared" / "clips").glob("*.mp4"))
    for person, clip in zip(("ann", "ben", "cat"), clips[:: max(1, len(clips) // 3)], strict=False):
        (folder / person).mkdir(parents=True)
        for suffix in (".mp4", ".wav"):
            shutil.copy(clip.with_suffix(suffix), folder / person / f"good{suffix}")
    good = folder / "ann" / "good.mp4"
    (folder / "ann" / "zero.mp4").write_bytes(b"")
    (folder / "ann" / "truncated.mp4").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with VideoReader(good) as frames, VideoWriter(folder / "ann" / "mute.mp4", 256, 256) as video:
        for frame in frames:
            video.add(frame.image())
    noise = np.random.default_rng(0)
    sound = noise.normal(0, 0.1, 32_000).astype(np.float32)
    with VideoWriter(folder / "ann" / "nobody.mp4", 256, 256, audio=sound) as video:
        for _ in range(50):
            video.add(noise.integers(100, 120, (256, 256, 3), dtype=np.uint8))
    return folder


def own_footage(project: Project, folder: Path, allowed: float) -> None:
    project.set("prepare.source", "folder")
    project.set("prepare.path", str(folder))
    project.set("prepare.max_quarantine", allowed)


@pytest.mark.slow
@pytest.mark.scenario("13: truncated, empty, silent and faceless videos")
def test_hostile_footage(project: Project, tmp_path: Path) -> None:
    folder = footage(project, tmp_path / "footage")
    own_footage(project, folder, 0.2)
    before = {path: path.read_bytes() for path in (project.root / "models").rglob("*") if path.is_file()}
    done = project.completed("dvc", "repro")
    assert done.returncode != 0
    no_traceback(done.stdout)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert "4 of 7 files were rejected" in line
    assert "max_quarantine allows 20%" in line
    for name, words in RULES.items():
        assert any(found.startswith(f"quarantined {name}: ") and words in found for found in done.stdout.splitlines())
    assert "Running stage 'extract_coefficients'" not in done.stdout
    assert {path: path.read_bytes() for path in before} == before
    # Allowed to leave them out, it says which and why.
    own_footage(project, folder, 0.6)
    assert project.repro("prepare")[0] == {"prepare"}
    table = pd.read_parquet(project.root / "data" / "prepared" / "quarantine.parquet")
    reasons = dict(zip(table["file"], table["reason"], strict=True))
    assert set(reasons) == set(RULES)
    for name, words in RULES.items():
        assert reasons[name]
        assert words in reasons[name]


@pytest.mark.scenario("13: a NaN among the coefficients")
@pytest.mark.parametrize("stage", [pytest.param("annotate", marks=pytest.mark.slow), "train_style_e", "train_style_a"])
def test_a_coefficient_that_is_no_number(project: Project, stage: str) -> None:
    path = sorted((project.root / "data" / "coefficients").rglob("*.safetensors"))[0]
    arrays, notes = load_arrays(path)
    arrays["coefficients"][3, 7] = np.nan
    path.chmod(0o644)
    save_arrays(path, arrays, notes)
    done = project.completed("dvc", "repro", "-s", stage)
    assert done.returncode != 0
    no_traceback(done.stdout)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert path.name in line
    assert "rule: finite" in line
    # What DVC knows to be good comes back.
    project.run("dvc", "checkout", "--force", "data/coefficients")
    ClipCoefficients.load(path)
