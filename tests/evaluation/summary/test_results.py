"""Results survive the disk, rounded; files of another version are one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.errors import UserError
from evaluation.summary.confidence import Interval
from evaluation.summary.results import FILE, Results, Sample


def results() -> Results:
    psnr = Interval(0.5, 0.4, 0.6, 8)
    curve = {"asked": [0, 0.5, 1], "seen": [0.1, 0.4, 0.9]}
    sample = Sample("a.mp4", "a.jpg", "sad", "M003, sad", ["true", "generated"], curve)
    return Results(
        {"style_a/psnr": psnr, "art/style_accuracy": Interval(0.1234567, 0, 1, 2)},
        {"emotion": {"sad": {"style_a/psnr": psnr}}},
        {"No motion": {"style_a/psnr": psnr}},
        [sample],
        ["Sync was left out: no sound."],
        {"Footage": "synthetic"},
        {"style_a/psnr": {"a": 0.25}},
        "0123456789abcdef",
    )


def test_round_trip_to_six_digits(tmp_path: Path) -> None:
    results().save(tmp_path)
    loaded = Results.load(tmp_path)
    assert loaded.summary["art/style_accuracy"].mean == 0.123457
    assert loaded.slices == results().slices
    assert loaded.baselines == results().baselines
    assert loaded.samples == results().samples
    assert (loaded.left_out, loaded.setting, loaded.cases, loaded.frozen) == (
        *(results().left_out, results().setting, results().cases, results().frozen),
    )
    first = (tmp_path / FILE).read_bytes()
    loaded.save(tmp_path)
    assert (tmp_path / FILE).read_bytes() == first


def test_means_are_sorted_by_name() -> None:
    assert list(results().flat().items()) == [("art/style_accuracy", 0.1234567), ("style_a/psnr", 0.5)]


@pytest.mark.parametrize("text", ['{"summary": 3}', "{}", '{"summary": {"x": {"mean": 1}}}'])
def test_another_version_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UserError, match="not an evaluation"):
        Results.load(tmp_path)


def test_no_evaluation_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        Results.load(tmp_path / "nowhere")
