"""A rehearsal sees the validation people in the place of the test people, and nothing of those."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from components.common.artifacts import MANIFEST_COLUMNS, read_table, write_table
from components.common.clips import read_clips
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from evaluation import rehearsal
from evaluation.metrics.registry import METRICS
from flows.sweeps.space import load_space

Prepared = Callable[..., Layout]


def with_validation(layout: Layout) -> Layout:
    """The same folder, its second person held out for validation."""
    table = read_table(layout.manifest, MANIFEST_COLUMNS)
    table.loc[table["identity"] == "p1", "split"] = "val"
    rows = table.to_dict("records")
    write_table(layout.manifest, rows, MANIFEST_COLUMNS)
    return layout


def test_the_test_people_are_not_there(prepared: Prepared) -> None:
    clips = read_clips(with_validation(prepared()), annotated=True)
    assert {(clip.identity, clip.split) for clip in clips} == {("p0", "train"), ("p1", "val"), ("p2", "test")}
    seen = rehearsal.rehearsal_clips(clips)
    assert {(clip.identity, clip.split) for clip in seen} == {("p0", "train"), ("p1", "test")}


def test_without_validation_people_there_is_none(prepared: Prepared) -> None:
    clips = read_clips(prepared(), annotated=True)
    with pytest.raises(UserError, match=r"raise prepare\.val_fraction"):
        rehearsal.rehearsal_clips([replace(clip) for clip in clips])


def test_what_is_written_is_sorted_and_short(tmp_path: Path) -> None:
    assert list(rehearsal.as_json({"b": {"2": 0.123456789, "1": 1.0}, "a": {}})) == ["a", "b"]
    assert json.dumps(rehearsal.as_json({"b": {"2": 0.123456789, "1": 1.0}})) == '{"b": {"1": 1.0, "2": 0.123457}}'


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "space"), [("train_style_e", "style_e"), ("train_style_a", "style_a")])
def test_every_figure_of_a_space_is_measured_and_registered(
    prepared: Prepared, models: Path, stage: str, space: str
) -> None:
    layout = with_validation(prepared(people=4))
    (layout.root / "models").symlink_to(models)
    small = Params.model_validate({"evaluate": {"clips": 2, "sentences": 8}})
    cases = rehearsal.rehearse(stage, small, layout, 1)
    assert set(cases) <= set(METRICS)
    figures = set(load_space(space).score)
    # Noise shows no face, whose lips and eyes do not move, and three clips teach no judge of emotions.
    faceless = {"talker/emotion_accuracy", "talker/lip_correlation", "talker/jitter_ratio"}
    faceless |= {"style_a/eye_opening_correlation", "style_a/lip_aperture_correlation"}
    assert figures - set(cases) <= faceless
    assert all(case.startswith(("p1", "pair", "portrait", "style_e/")) for own in cases.values() for case in own)
