from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from components.common.artifacts import EMOTIONS, MANIFEST_COLUMNS, QUARANTINE_COLUMNS, ClipTruth, read_json, read_table
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.params import Params, Prepare, Runtime, TrainStyleA
from components.corpus.stage import run
from components.runner.stage import Stage
from tests.components.corpus.media_samples import cut, encode, need_media, scenery, tone

Frames = list[NDArray[np.uint8]]


def stage(root: Path, source: Path, workers: int = 1, **values: object) -> Stage:
    prepare = Prepare(source="folder", path=str(source), size=64, **values)  # type: ignore[arg-type]
    params = Params(prepare=prepare, train_style_a=TrainStyleA(size=64), runtime=Runtime(workers=workers))
    return Stage(params, Layout(root))


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory, talk: Frames) -> Path:
    """Three people and every kind of unusable file, with names as bad as file systems allow. For reading only."""
    folder = tmp_path_factory.mktemp("assemble")
    source = folder / "footage"
    for person in ("anna", "-bert", "ç h\n日本"):
        (source / person).mkdir(parents=True)
    for i, name in enumerate(("anna/a.mp4", "anna/b.mp4", "-bert/-rf *.mp4", "ç h\n日本/$(x).mp4")):
        encode(source / name, talk[i:], audio=tone(1.2, hertz=200 + 20 * i))
    whole = encode(folder / "whole.mp4", talk, audio=tone(1.2), options={"movflags": "faststart"})
    cut(source / "cut.mp4", whole, 0.6)
    (source / "anna/copy.mp4").write_bytes((source / "anna/a.mp4").read_bytes())
    (source / "empty.mp4").write_bytes(b"")
    (source / "text.mp4").write_text("words " * 50)
    encode(source / "mute.mp4", talk)
    encode(source / "nobody.mp4", scenery(30), audio=tone(1.2))
    (source / "labels.csv").write_text("file,emotion,intensity\nanna/a.mp4,happy,2\nanna/b.mp4,bored,1\n")
    return source


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory, footage: Path) -> tuple[Layout, Mapping[str, float]]:
    """What one worker makes of it, and the metrics."""
    root = tmp_path_factory.mktemp("one_worker")
    metrics = run(stage(root, footage, max_quarantine=0.8))
    return Layout(root), metrics


def test_a_folder_becomes_clips_and_the_rest_is_quarantined_with_reasons(
    assembled: tuple[Layout, Mapping[str, float]],
) -> None:
    layout, metrics = assembled
    manifest = read_table(layout.manifest, MANIFEST_COLUMNS)
    quarantine = read_table(layout.quarantine, QUARANTINE_COLUMNS)
    assert len(manifest) == metrics["clips"] == 3
    assert sorted(manifest["split"]) == ["test", "train", "val"]
    assert set(manifest["source"]) == {"-bert/-rf *.mp4", "anna/a.mp4", "ç h\\n日本/$(x).mp4"}
    happy = manifest[manifest["source"] == "anna/a.mp4"].iloc[0]
    assert (happy["identity"], happy["emotion"], happy["intensity"], happy["clip_id"]) == ("anna", "happy", 2, "anna_a")
    reasons = dict(zip(quarantine["file"], quarantine["reason"], strict=True))
    assert reasons.pop("cut.mp4").startswith("the file is cut off: ")
    assert reasons == {
        "anna/b.mp4": f"labels.csv: the emotion 'bored' is none of {', '.join(EMOTIONS)}",
        "anna/copy.mp4": "a copy of anna/a.mp4",
        "empty.mp4": "the file is empty (0 bytes)",
        "mute.mp4": "the file has no audio stream",
        "nobody.mp4": "no face was found in any of 3 sampled frames",
        "text.mp4": "the file is a text file, not video or audio",
    }
    assert metrics["quarantined"] == 7
    assert metrics["identities_train"] == metrics["identities_val"] == metrics["identities_test"] == 1
    assert read_json(layout.contract)["identity_disjoint"] is True
    on_disk = sorted(path.relative_to(layout.prepared).as_posix() for path in layout.clips.iterdir())
    assert on_disk == sorted([*manifest["video"], *manifest["audio"]])


def test_two_runs_and_any_number_of_workers_give_the_same_bytes(
    tmp_path: Path, footage: Path, assembled: tuple[Layout, Mapping[str, float]]
) -> None:
    run(stage(tmp_path, footage, workers=2, max_quarantine=0.8))
    contents = []
    for root in (assembled[0].root / "data", tmp_path / "data"):
        contents.append({p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()})
    assert contents[0] == contents[1]
    assert len(contents[0]) == 3 + 2 * 3


def test_mostly_unusable_footage_fails_and_leaves_nothing(tmp_path: Path, footage: Path) -> None:
    with pytest.raises(StageError, match=r"7 of 10 files were rejected \(70%; prepare.max_quarantine allows 50%\)"):
        run(stage(tmp_path, footage))
    assert not Layout(tmp_path).prepared.exists()


def test_one_person_is_split_by_clip_and_it_is_said(
    tmp_path: Path, talk: Frames, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in/anna").mkdir(parents=True)
    for i in range(3):
        encode(tmp_path / f"in/anna/{i}.mp4", talk[i:], audio=tone(1.2))
    metrics = run(stage(tmp_path, tmp_path / "in"))
    assert metrics["identity_disjoint"] == 0
    assert "people seen in training" in " ".join(capsys.readouterr().err.split())
    assert set(pd.read_parquet(Layout(tmp_path).manifest)["split"]) == {"train", "val", "test"}
    assert read_json(Layout(tmp_path).contract)["identity_disjoint"] is False


@pytest.mark.slow
def test_the_synthetic_corpus_goes_through_the_mead_reader(tmp_path: Path) -> None:
    prepare = Prepare(clips=3, identities=3, seconds=0.8, size=128)
    params = Params(prepare=prepare, train_style_a=TrainStyleA(size=64), runtime=Runtime(workers=1))
    metrics = run(Stage(params, Layout(tmp_path)))
    layout = Layout(tmp_path)
    manifest = read_table(layout.manifest, MANIFEST_COLUMNS)
    assert metrics["clips"] == len(manifest) == 3
    assert metrics["quarantined"] == 0
    assert metrics["face_detection_rate"] == 1.0
    assert not layout.synthetic.exists()
    for row in manifest.itertuples():
        truth = ClipTruth.load(layout.truth / f"{row.clip_id}.safetensors")
        assert len(truth.coefficients) == row.frames == 20
        assert truth.text


@pytest.mark.slow
def test_real_footage_as_a_folder(tmp_path: Path) -> None:
    metrics = run(stage(tmp_path, need_media("video")))
    assert metrics["clips"] == 3
    quarantine = read_table(Layout(tmp_path).quarantine, QUARANTINE_COLUMNS)
    assert quarantine.to_dict("records") == [{"file": "wide_silent.mp4", "reason": "the audio is silent"}]
