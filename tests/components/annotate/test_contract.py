from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from components.annotate.contract import check_annotations
from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.artifacts import ANNOTATION_COLUMNS, ClipCoefficients, write_table
from components.common.clips import Clip
from components.common.errors import StageError
from components.common.layout import Layout

FRAMES = 6


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def motion() -> ClipCoefficients:
    coefficients = np.full((FRAMES, COEFFICIENTS), 0.5, np.float32)
    return ClipCoefficients(coefficients, np.zeros((FRAMES, LANDMARKS, 3), np.float32), np.ones(FRAMES, bool))


def clip(layout: Layout, name: str, emotion: str, coefficients: ClipCoefficients) -> Clip:
    path = layout.clip_coefficients(name)
    coefficients.save(path)
    return Clip(name, "p", emotion, 2, "train", FRAMES, path, path, path)


def table(layout: Layout) -> pd.DataFrame:
    row: dict[str, Any] = {"emotion": "happy", "intensity": 2, "action_units": "{}", "sentences": ["One.", "Two."]}
    rows = [row | {"clip_id": name, "writer": "grammar", "ranker": "sentence"} for name in ("a", "b")]
    return write_table(layout.annotations, rows, ANNOTATION_COLUMNS)


def check(layout: Layout, second: ClipCoefficients | None = None) -> str:
    """The message of the broken contract, or "". second: coefficients of the second clip, which has no label."""
    clips = [clip(layout, "a", "happy", motion()), clip(layout, "b", "", second or motion())]
    try:
        check_annotations(layout, clips, keep=2)
    except StageError as error:
        return str(error)
    return ""


def test_what_holds_passes_and_leaves_its_pages(layout: Layout) -> None:
    table(layout)
    assert check(layout) == ""
    assert (layout.contract_docs("annotate") / "docs" / "index.html").is_file()


def wrong_values(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(emotion="bored", intensity=4, action_units="{", writer="")


def wrong_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(clip_id=["a", "c"], sentences=[["One.", "One.", " Two"], ["Three."]])


DAMAGE: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...]]] = [
    (
        wrong_values,
        (
            "emotion is one of eight (not: bored",
            "intensity is 1 to 3 (not: 4",
            "action_units is JSON (not: {",
            "writer has a name",
            "a label of the footage stands",
        ),
    ),
    (
        wrong_rows,
        (
            "each accepted clip is annotated",
            "no other clip is annotated",
            "a clip has 1 to 2 sentences (not: 3",
            "no sentence of a clip comes twice (not: 1",
            "a sentence is one line of text (not:  Two",
        ),
    ),
]


@pytest.mark.parametrize(("damage", "rules"), DAMAGE, ids=["values", "rows"])
def test_each_broken_rule_is_named_and_no_other(
    layout: Layout, damage: Callable[[pd.DataFrame], pd.DataFrame], rules: tuple[str, ...]
) -> None:
    damage(table(layout)).to_parquet(layout.annotations, index=False)
    message = check(layout)
    assert all(rule in message for rule in rules), message
    assert message.count(";") == len(rules) - 1, message


def test_coefficients_of_no_face_are_refused(layout: Layout) -> None:
    table(layout)
    bad = motion()
    bad.coefficients[2, 3] = 1.5
    bad.coefficients[:, -1] = 0
    bad.coefficients[0, -6] = 4
    bad.valid[:] = False
    message = check(layout, bad)
    assert message.count(";") == 3, message
    for rule in ("no weight is above 1", "each head has a size", "no head turns by", "a face is seen"):
        assert rule in message
