"""The pieces of a trial; whole ones are in `tests/flows/test_sweep.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.errors import UserError
from flows.sweeps import one_trial
from flows.sweeps.one_trial import PlotReader
from flows.sweeps.plan import Sweep
from flows.sweeps.space import Space
from tests.flows.sweeps.studies import space


def test_the_plot_reader_gives_each_row_once(tmp_path: Path) -> None:
    path = tmp_path / "plot.csv"
    reader = PlotReader(path, "val_loss")
    assert reader.new() == []
    path.write_text("step,loss,val_loss\n20,1.0,0.5\n")
    assert reader.new() == [(20, 0.5)]
    assert reader.new() == []
    path.write_text("step,loss,val_loss\n20,1.0,0.5\n40,0.9,\n60,0.8,0.4\n")
    assert reader.new() == [(60, 0.4)]


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "plot.csv"
    reader = PlotReader(path, "val_loss")
    path.write_text("step,val_loss\n1,0.5\n2,")
    assert reader.new() == [(1, 0.5)]
    path.write_text("step,val_loss\n1,0.5\n2,0.25\n")
    assert reader.new() == [(2, 0.25)]


def test_objectives_are_taken_from_the_metrics() -> None:
    goals = space("loss:minimize", "r:maximize")
    assert one_trial._objectives(goals, {"r": 0.5, "loss": 1, "other": 2}) == (1.0, 0.5)
    with pytest.raises(UserError, match="metrics of s lack r; there are: loss"):
        one_trial._objectives(goals, {"loss": 1})


def test_several_objectives_or_no_report_feed_no_pruner(tmp_path: Path) -> None:
    report = {"plots": "p", "column": "loss"}
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "p.csv").write_text("step,loss\n1,0.5\n")
    one = space().model_copy(update={"report": None})
    assert one_trial._reader(one, tmp_path)() == []
    reporting = Space.model_validate(space().model_dump() | {"report": report})
    assert one_trial._reader(reporting, tmp_path)() == [(1, 0.5)]
    several = Space.model_validate(space("a:minimize", "b:minimize").model_dump() | {"report": report})
    assert one_trial._reader(several, tmp_path)() == []
    falling = space("points:maximize").model_dump() | {"report": {**report, "direction": "minimize"}}
    assert one_trial._reader(Space.model_validate(falling), tmp_path)() == [(1, -0.5)], "more is better, then"


def test_a_retry_finds_the_checkpoints_of_the_trial_it_repeats(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("runtime: {seed: 0}\n")
    (tmp_path / "dvc.yaml").write_text("stages: {s: {cmd: 'true'}}\n")
    sweep = Sweep(tmp_path, "study", space(), trials=1)
    folder = one_trial._checkpoints(sweep, {"a": 1, "b": 0.5})
    assert folder == one_trial._checkpoints(sweep, {"b": 0.5, "a": 1})
    assert folder != one_trial._checkpoints(sweep, {"a": 1, "b": 0.25})
    assert folder.parent == sweep.home / "checkpoints"
