"""Studies: proposals that differ and repeat, trials whose worker died, and the best of a front."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from flows.sweeps import optuna_study
from flows.sweeps.space import Space
from tests.flows.sweeps.studies import open_study, space

# Asking by hand has no heartbeat, and Optuna says so.
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


def test_workers_that_start_together_propose_different_values(tmp_path: Path) -> None:
    first, second = open_study(tmp_path), open_study(tmp_path)
    proposed = [study.ask().suggest_float("x", 0, 1) for study in (first, second, first)]
    assert len(set(proposed)) == 3


def test_the_same_history_gives_the_same_proposal(tmp_path: Path) -> None:
    values = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        study = open_study(tmp_path / name)
        for _ in range(14):  # more than TPE draws at random
            trial = study.ask()
            study.tell(trial, trial.suggest_float("x", 0, 1) ** 2)
        values.append([trial.params["x"] for trial in study.get_trials()])
    assert values[0] == values[1]


def test_only_dead_trials_of_this_place_are_reaped(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    trials = [study.ask() for _ in range(4)]
    for trial, place in zip(trials, ("here", "here", "there", ""), strict=True):
        trial.suggest_float("x", 0, 1)
        if place:
            optuna_study.claim(trial, place)
    assert optuna_study.reap(study, "here", alive=lambda number: number == 1) == [0]
    states = [trial.state.name for trial in study.get_trials()]
    assert states == ["FAIL", "RUNNING", "RUNNING", "RUNNING", "WAITING"]
    again = study.ask()
    assert again.number == 4
    assert again.suggest_float("x", 0, 1) == trials[0].params["x"]
    assert optuna_study.retry_of(study.get_trials()[4]) == 0
    assert optuna_study.reap(study, "here", alive=lambda number: number == 1) == [], "it carries its predecessor's mark"


def test_a_trial_is_retried_only_so_often(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    for _ in range(optuna_study.RETRIES + 1):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        optuna_study.claim(trial, "here")
        optuna_study.reap(study, "here", alive=lambda number: False)
    assert [trial.state.name for trial in study.get_trials()] == ["FAIL"] * (optuna_study.RETRIES + 1)


def test_other_objectives_need_another_study(tmp_path: Path) -> None:
    open_study(tmp_path)
    with pytest.raises(UserError, match="has the objectives a:minimize, not a:maximize"):
        open_study(tmp_path, "a:maximize")


def test_the_table_has_a_row_for_every_trial(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    trial = study.ask()
    value = trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    study.tell(trial, 0.25)
    study.ask()
    first, second = optuna_study.table(study)
    assert (first["trial"], first["state"], first["a"], first["x"], first["reports"]) == (0, "COMPLETE", 0.25, value, 1)
    assert (second["trial"], second["state"], second["a"], second["seconds"]) == (1, "RUNNING", "", "")


def test_suggestions_stay_within_the_space(tmp_path: Path) -> None:
    choices = space(
        parameters={
            "x": {"type": "float", "low": 0.1, "high": 0.2, "log": True},
            "n": {"type": "int", "low": 3, "high": 4},
            "c": {"type": "categorical", "choices": ["oil", "pop"]},
        }
    )
    for _ in range(4):
        values = optuna_study.suggest(open_study(tmp_path).ask(), choices)
        assert 0.1 <= values["x"] <= 0.2
        assert values["n"] in (3, 4)
        assert values["c"] in ("oil", "pop")
    other = space(parameters={"c": {"type": "categorical", "choices": ["ink", "oil"]}})
    with pytest.raises(UserError, match="the study knows another search space"):
        optuna_study.suggest(open_study(tmp_path).ask(), other)


@pytest.mark.parametrize(
    ("bounds", "digits"),
    [({"low": 0.0003, "high": 0.01, "log": True}, 2), ({"low": 0.02, "high": 0.25}, 3), ({"low": 0, "high": 1}, 2)],
)
def test_values_are_as_short_as_people_write_them(tmp_path: Path, bounds: dict[str, Any], digits: int) -> None:
    """Those TPE draws at random, and those it draws from a model of the others."""
    one = space(parameters={"x": {"type": "float", **bounds}})
    study = open_study(tmp_path)
    for _ in range(14):
        trial = study.ask()
        value = optuna_study.suggest(trial, one)["x"]
        assert bounds["low"] <= value <= bounds["high"]
        significant = repr(value) if "e" in repr(value) else f"{value:f}".strip("0").lstrip(".").lstrip("0")
        assert len(significant.replace(".", "").partition("e")[0]) <= digits, value
        study.tell(trial, value)
        assert study.get_trials()[-1].params["x"] == value, "the study keeps what the training got"


def test_the_present_parameters_come_first_and_once(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    optuna_study.queue(study, {"x": 0.3}, [{"x": 0.7}, {}])
    optuna_study.queue(study, {"x": 0.3}, [{"x": 0.7}])
    for expected in (0.3, 0.7):
        trial = study.ask()
        assert trial.suggest_float("x", 0, 1) == expected
        study.tell(trial, expected)
    assert study.ask().suggest_float("x", 0, 1) not in (0.3, 0.7), "nothing was queued twice"
    optuna_study.queue(study, {"x": 0.4})  # `params.yaml` has changed
    assert study.ask().suggest_float("x", 0, 1) == 0.4
    assert optuna_study.with_values(study.get_trials(), {"x": 0.7}).number == 1
    assert optuna_study.with_values(study.get_trials(), {"x": 0.71}) is None


def test_the_present_parameters_are_never_given_up(tmp_path: Path) -> None:
    reporting = space().model_dump() | {"report": {"plots": "p", "column": "a"}}
    uri = f"sqlite:///{tmp_path / 'optuna.db'}"
    study = optuna_study.open_study("study", Space.model_validate(reporting), uri, 0)
    for value in (0.1, 0.2, 0.3):
        trial = study.ask()
        trial.report(value, 1)
        study.tell(trial, value)
    study.ask()  # a worse one of the search is
    with pytest.raises(optuna_study.Pruned):
        optuna_study.report(study.ask(), 1, 9.0)
    optuna_study.queue(study, {"x": 0.5})
    optuna_study.report(study.ask(), 1, 9.0)
