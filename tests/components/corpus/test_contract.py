from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.common.artifacts import MANIFEST_COLUMNS, write_table
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.media import write_wav
from components.corpus.contract import check_manifest


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def manifest(layout: Layout) -> pd.DataFrame:
    rows = []
    for i, split in enumerate(("train", "train", "val", "test")):
        write_wav(layout.clips / f"c{i}.wav", np.zeros(640 * 20, np.float32))
        (layout.clips / f"c{i}.mp4").write_bytes(b"x")
        row = {"clip_id": f"c{i}", "identity": f"p{max(i, 1)}", "emotion": "happy", "intensity": 2, "split": split}
        row |= {"fps": 25, "frames": 20, "sample_rate": 16_000, "video": f"clips/c{i}.mp4", "audio": f"clips/c{i}.wav"}
        rows.append(row | {"source": f"{i}.mov", "sha256": f"{i}" * 64})
    return write_table(layout.manifest, rows, MANIFEST_COLUMNS)


@pytest.mark.usefixtures("manifest")
def test_a_good_manifest_passes_and_the_outcome_repeats(layout: Layout) -> None:
    outcome = check_manifest(layout, disjoint=True)
    assert (outcome["clips"], outcome["identities"], outcome["identity_disjoint"]) == (4, 3, True)
    assert all(rule["holds"] for rule in outcome["rules"])
    again = check_manifest(layout, disjoint=True)
    assert json.dumps(again, sort_keys=True) == json.dumps(outcome, sort_keys=True)


def wrong_values(manifest: pd.DataFrame) -> pd.DataFrame:
    wrong = {"emotion": "bored", "intensity": 4, "split": "dev", "fps": 30, "sample_rate": 48_000, "sha256": "0"}
    return manifest.assign(**wrong, clip_id=["a b", "c1", "c1", "c3"], video=[f"clips/x{i}.mp4" for i in range(4)])


def wrong_shapes(manifest: pd.DataFrame) -> pd.DataFrame:
    return manifest.assign(identity="p1", frames=[0.0, 20, 20, 22], extra=1)


BROKEN: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...]]] = [
    (
        wrong_values,
        (
            "clip_id is unique (not: c1, c1)",
            "clip_id is safe as a file name (not: a b)",
            "emotion is one of eight, or unlabeled (not: bored",
            "intensity is 1 to 3, or 0 where unlabeled (not: 4",
            "split is train, val or test (not: dev",
            "fps is 25 (not: 30",
            "sample_rate is 16000 (not: 48000",
            "sha256 is a SHA-256",
            "every video file is there",
        ),
    ),
    (
        wrong_shapes,
        (
            "the columns are those of the manifest",
            "frames is int64",
            "frames is positive (not: 0.0)",
            "sound and picture are equal in length to within one frame (not: 20.0, -2.0)",
            "no person is in two splits",
        ),
    ),
    (lambda manifest: manifest.iloc[:0], ("there is at least one clip",)),
]


@pytest.mark.parametrize(("damage", "rules"), BROKEN, ids=["values", "shapes", "empty"])
def test_each_broken_rule_is_named_and_no_other(
    manifest: pd.DataFrame, layout: Layout, damage: Callable[[pd.DataFrame], pd.DataFrame], rules: tuple[str, ...]
) -> None:
    damage(manifest).to_parquet(layout.manifest, index=False)
    with pytest.raises(StageError) as caught:
        check_manifest(layout, disjoint=True)
    message = str(caught.value)
    assert all(rule in message for rule in rules), message
    assert message.count(";") == len(rules) - 1, message


def test_people_may_be_shared_only_where_said(manifest: pd.DataFrame, layout: Layout) -> None:
    manifest.assign(identity="p1").to_parquet(layout.manifest, index=False)
    outcome = check_manifest(layout, disjoint=False)
    assert outcome["identity_disjoint"] is False
