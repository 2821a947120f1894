"""Search spaces name parameters that exist and values that the parameters accept."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from components.common.params import Params, validate
from flows.sweeps import optuna_study
from flows.sweeps import space as spaces
from flows.sweeps.trials import PlotReader

PARAMS = Params().model_dump()


def nested(name: str, value: Any) -> dict[str, Any]:
    return reduce(lambda inner, key: {key: inner}, reversed(name.split(".")), value)


@pytest.mark.parametrize("name", spaces.names())
def test_ranges_fit_the_parameters(name: str) -> None:
    space = spaces.load_space(name)
    assert space.stage in PARAMS
    for parameter, given in space.parameters.items():
        for edge in (given.low, given.high):
            validate(nested(parameter, edge), name)


def test_an_unknown_space_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="style_a, style_e"):
        spaces.load_space("style_z")


def test_the_plot_reader_gives_each_row_once(tmp_path: Path) -> None:
    path = tmp_path / "plot.csv"
    reader = PlotReader(path, "val_loss")
    assert reader.new() == []
    path.write_text("step,loss,val_loss\n20,1.0,0.5\n")
    assert reader.new() == [(20, 0.5)]
    assert reader.new() == []
    path.write_text("step,loss,val_loss\n20,1.0,0.5\n40,0.9,\n60,0.8,0.4\n")
    assert reader.new() == [(60, 0.4)]


# Asking by hand has no heartbeat, and Optuna says so.
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


def study(tmp_path: Path, *goals: str, seed: int = 0) -> Any:
    objectives = [dict(zip(("metric", "direction"), goal.split(":"), strict=True)) for goal in goals or ("a:minimize",)]
    space = spaces.Space.model_validate(
        {"stage": "s", "objectives": objectives, "parameters": {"x": {"type": "float", "low": 0, "high": 1}}}
    )
    return optuna_study.open_study("study", space, f"sqlite:///{tmp_path / 'optuna.db'}", seed)


def test_workers_that_start_together_propose_different_values(tmp_path: Path) -> None:
    first, second = study(tmp_path), study(tmp_path)
    proposed = [opened.ask().suggest_float("x", 0, 1) for opened in (first, second, first)]
    assert len(set(proposed)) == 3


def test_the_same_history_gives_the_same_proposal(tmp_path: Path) -> None:
    values = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        opened = study(tmp_path / name)
        for _ in range(14):  # more than TPE draws at random
            trial = opened.ask()
            opened.tell(trial, trial.suggest_float("x", 0, 1) ** 2)
        values.append([trial.params["x"] for trial in opened.get_trials()])
    assert values[0] == values[1]


def test_only_dead_trials_of_this_place_are_reaped(tmp_path: Path) -> None:
    opened = study(tmp_path)
    trials = [opened.ask() for _ in range(4)]
    for trial, place in zip(trials, ("here", "here", "there", ""), strict=True):
        trial.suggest_float("x", 0, 1)
        if place:
            optuna_study.claim(trial, place)
    assert optuna_study.reap(opened, "here", alive=lambda number: number == 1) == [0]
    states = [trial.state.name for trial in opened.get_trials()]
    assert states == ["FAIL", "RUNNING", "RUNNING", "RUNNING", "WAITING"]
    again = opened.ask()
    assert again.number == 4
    assert again.suggest_float("x", 0, 1) == trials[0].params["x"]
    assert optuna_study.retry_of(opened.get_trials()[4]) == 0
    assert optuna_study.reap(opened, "here", alive=lambda number: number == 1) == [], (
        "it carries its predecessor's mark"
    )


def test_a_trial_is_retried_only_so_often(tmp_path: Path) -> None:
    opened = study(tmp_path)
    for _ in range(optuna_study.RETRIES + 1):
        trial = opened.ask()
        trial.suggest_float("x", 0, 1)
        optuna_study.claim(trial, "here")
        optuna_study.reap(opened, "here", alive=lambda number: False)
    assert [trial.state.name for trial in opened.get_trials()] == ["FAIL"] * (optuna_study.RETRIES + 1)


def test_other_objectives_need_another_study(tmp_path: Path) -> None:
    study(tmp_path)
    with pytest.raises(UserError, match="has the objectives a:minimize, not a:maximize"):
        study(tmp_path, "a:maximize")


def test_the_best_of_a_front_is_a_compromise(tmp_path: Path) -> None:
    opened = study(tmp_path, "a:minimize", "b:maximize")
    for values in ((0.0, 0.0), (0.2, 0.9), (1.0, 1.0), (0.9, 0.1)):
        trial = opened.ask()
        trial.suggest_float("x", 0, 1)
        opened.tell(trial, values)
    assert {trial.number for trial in optuna_study.front(opened)} == {0, 1, 2}
    assert optuna_study.best(opened).number == 1


def test_objectives_can_be_named_on_the_command_line() -> None:
    space = spaces.load_space("style_e", ["loss:minimize", "r_jaw_val:maximize"])
    assert [(goal.metric, goal.direction) for goal in space.objectives] == [
        ("loss", "minimize"),
        ("r_jaw_val", "maximize"),
    ]
    with pytest.raises(UserError, match="objectives"):
        spaces.load_space("style_e", ["loss"])
