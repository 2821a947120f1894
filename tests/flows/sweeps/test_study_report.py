"""What a study comes to: counts, the best, and a diff of `params.yaml` that only `apply` writes."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.common.params import load_params
from flows.sweeps import study_report
from flows.sweeps.comparison import judge
from tests.flows.sweeps.studies import finish, open_study, space

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


def test_a_study_in_figures_and_words(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    outcome = judge(study, space(), {"x": 0.5})
    figures = {"trials/complete": 0, "trials/pruned": 0, "trials/failed": 0}
    assert study_report.summary(study, space(), outcome) == figures
    first, _, words = study_report.note(study, space(), "mine", outcome).splitlines()
    assert first == "Sweep **mine** of `s`: minimize `a`. Trials: 0 complete, 0 pruned, 0 failed."
    assert "present parameters were not measured" in words
    for value in (0.5, 0.25, 1.0):
        finish(study, value, x=value)
    outcome = judge(study, space(), {"x": 0.5})
    summary = study_report.summary(study, space(), outcome)
    assert (summary["now/a"], summary["best/a"]) == (0.5, 0.25)
    text = study_report.note(study, space(), "mine", outcome)
    assert "Trials: 3 complete" in text
    assert "**better than now by 0.25 in a: trial 1 has a 0.25 against a 0.5**" in text
    assert "| x | 0.5 | 0.25 |" in text


def test_a_proposal_is_a_diff_that_only_write_applies(tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "params.yaml", tmp_path))
    before, lr = path.read_text(), load_params(path).train_style_e.lr
    diff = study_report.propose(tmp_path, {"train_style_e.lr": 2 * lr}, write=False)
    lines = diff.splitlines()
    assert lines[:2] == ["--- a/params.yaml", "+++ b/params.yaml"]
    assert sum(line.startswith("-") for line in lines) == sum(line.startswith("+") for line in lines) == 2
    assert path.read_text() == before
    longer = study_report.propose(tmp_path, {"train_style_e.lr": 0.0123456}, write=False)
    assert "+  lr: 0.0123456  # peak" in longer
    assert study_report.propose(tmp_path, {"train_style_e.lr": 2 * lr}, write=True) == diff
    assert load_params(path).train_style_e.lr == 2 * lr
    assert study_report.propose(tmp_path, {"train_style_e.lr": 2 * lr}, write=True) == ""
    with pytest.raises(UserError, match="lr"):
        study_report.propose(tmp_path, {"train_style_e.lr": -1.0}, write=True)
    assert load_params(path).train_style_e.lr == 2 * lr


def test_an_empty_study_is_written_too(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    outcome = judge(study, space(), {"x": 0.5})
    study_report.write(study, space(), tmp_path, tmp_path / "report", outcome)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["plots", "space.yaml", "trials.csv"]


def test_rows_have_the_columns_of_all_of_them(tmp_path: Path) -> None:
    study_report.write_rows(tmp_path / "rows.csv", [{"a": 1}, {"b": 2, "a": 3}])
    with (tmp_path / "rows.csv").open(newline="") as stream:
        assert list(csv.reader(stream)) == [["a", "b"], ["1", ""], ["3", "2"]]
