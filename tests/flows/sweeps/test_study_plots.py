"""Pictures of a study: those it has enough trials for, and all of them on one sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from flows.sweeps import study_plots
from tests.flows.sweeps.studies import finish, open_study

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def test_a_study_is_drawn_as_far_as_it_has_come(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    assert study_plots.draw(study, tmp_path / "plots") == []
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(1.0, 1)
    assert names(study_plots.draw(study, tmp_path / "plots")) == ["overview", "intermediate"]
    study.tell(trial, 1.0)
    finish(study, 0.25, x=0.1)
    assert names(study_plots.draw(study, tmp_path / "plots")) == [
        "overview", "history", "importance", "parallel", "intermediate",
    ]  # fmt: skip


def test_two_objectives_have_a_front(tmp_path: Path) -> None:
    study = open_study(tmp_path, "a:minimize", "b:maximize")
    finish(study, 0.5, 0.5)
    assert names(study_plots.draw(study, tmp_path / "plots")) == ["overview", "pareto_front"]


def test_a_sheet_has_two_columns(tmp_path: Path) -> None:
    colors = ("red", "lime", "blue")
    paths = [tmp_path / f"{color}.png" for color in colors]
    for color, path in zip(colors, paths, strict=True):
        Image.new("RGB", (20, 10), color).save(path)
    sheet = Image.open(study_plots.tile(paths, tmp_path / "sheet.png"))
    assert sheet.size == (40, 20)
    assert [sheet.getpixel(at) for at in ((5, 5), (25, 5), (5, 15), (25, 15))] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255),
    ]  # fmt: skip
