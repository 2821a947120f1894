"""Better than now, or not: by the objectives, beyond the noise, and without a figure that is lost for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.sweeps import comparison, optuna_study
from flows.sweeps.space import Figure, Space
from tests.flows.sweeps.studies import finish, open_study, space

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")

FIGURES = {
    "style_e/lips": Figure(direction="maximize", point=0.1),
    "style_e/jitter": Figure(direction="minimize", point=0.1),
}
NOW = {"x": 0.5}


def scored() -> Space:
    return space("score:maximize").model_copy(update={"score": FIGURES})


def cases(lips: float, jitter: float, spread: float = 0.001) -> dict[str, dict[str, float]]:
    """Ten sentences around these means."""
    offsets = [spread * (i - 4.5) for i in range(10)]
    values = {"style_e/lips": lips, "style_e/jitter": jitter}
    return {name: {f"{i}": mean + offset for i, offset in enumerate(offsets)} for name, mean in values.items()}


def finished(study: Any, x: float, own: dict[str, dict[str, float]]) -> Any:
    study.enqueue_trial({"x": x})
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.set_user_attr(optuna_study.CASES, own)
    study.tell(trial, comparison.score(own, FIGURES))
    return study.get_trials()[trial.number]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_best_of_worse_ones_is_not_recommended(tmp_path: Path, direction: str) -> None:
    """0.43 now, 1.01 the best of the search: as a loss nothing is better, as a gain the search has won."""
    study = open_study(tmp_path, f"a:{direction}")
    goals = space(f"a:{direction}")
    finish(study, 0.43, x=0.5)
    assert comparison.judge(study, goals, NOW).winner is None
    finish(study, 1.01, x=0.1)
    finish(study, 1.2 if direction == "minimize" else 0.9, x=0.2)
    outcome = comparison.judge(study, goals, NOW)
    assert (outcome.now.number, outcome.best.number) == (0, 1)
    if direction == "minimize":
        assert outcome.winner is None
        assert outcome.words == "nothing better than now: the best other trial, 1, has a 1.01 against a 0.43"
    else:
        assert outcome.winner.number == 1
        assert outcome.words == "better than now by 0.58 in a: trial 1 has a 1.01 against a 0.43"


def test_equal_is_not_better(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    for x in (0.5, 0.1):
        finish(study, 0.43, x=x)
    assert comparison.judge(study, space(), NOW).winner is None


def test_without_the_present_parameters_nothing_is_recommended(tmp_path: Path) -> None:
    study = open_study(tmp_path)
    finish(study, 0.1, x=0.1)
    outcome = comparison.judge(study, space(), NOW)
    assert outcome.winner is None
    assert "present parameters were not measured" in outcome.words


def test_of_several_objectives_none_may_be_worse(tmp_path: Path) -> None:
    study = open_study(tmp_path, "a:minimize", "b:maximize")
    goals = space("a:minimize", "b:maximize")
    finish(study, 0.5, 0.5, x=0.5)
    finish(study, 0.1, 0.4, x=0.1)
    outcome = comparison.judge(study, goals, NOW)
    assert outcome.winner is None
    assert "worse in one of the objectives" in outcome.words
    finish(study, 0.4, 0.5, x=0.2)
    outcome = comparison.judge(study, goals, NOW)
    assert outcome.winner.number == 2
    assert outcome.words.startswith("better than now by 0.1 in a: trial 2")


def test_a_score_is_better_only_beyond_its_noise(tmp_path: Path) -> None:
    study = open_study(tmp_path, "score:maximize")
    finished(study, 0.5, cases(0.8, 1.2))
    finished(study, 0.1, cases(0.8, 1.19, spread=0.2))
    outcome = comparison.judge(study, scored(), NOW)
    assert outcome.winner is None
    assert "beyond the noise" in outcome.words
    finished(study, 0.2, cases(0.9, 1.2))
    outcome = comparison.judge(study, scored(), NOW)
    assert outcome.winner.number == 2
    assert outcome.words.startswith("better than now by +1 [")
    assert "| style_e/lips | 0.8 | 0.9 | +1.00 |" in comparison.figure_table(outcome, scored())


def test_a_figure_that_is_lost_rules_a_trial_out_whatever_else_it_gains(tmp_path: Path) -> None:
    study = open_study(tmp_path, "score:maximize")
    finished(study, 0.5, cases(0.5, 1.2))
    finished(study, 0.1, cases(0.9, 1.35))
    outcome = comparison.judge(study, scored(), NOW)
    assert outcome.winner is None
    assert outcome.words.endswith("but it loses style_e/jitter")
    finished(study, 0.2, cases(0.6, 1.25))  # half a point is not lost
    assert comparison.judge(study, scored(), NOW).winner.number == 2


def test_losses_are_those_beyond_a_point_and_beyond_the_noise() -> None:
    now = cases(0.8, 1.2)
    assert comparison.losses(now, now, FIGURES) == {}
    assert comparison.losses(cases(0.65, 1.2), now, FIGURES) == {"style_e/lips": pytest.approx(0.5)}
    assert comparison.losses(cases(0.65, 1.2, spread=0.5), now, FIGURES) == {}, "it may be chance"
    assert comparison.losses({"style_e/jitter": now["style_e/jitter"]}, now, FIGURES) == {"style_e/lips": 1.0}
    few = {name: {"0": values["0"]} for name, values in cases(0.1, 9).items()}
    assert comparison.losses(few, now, FIGURES) == {}, "one case says nothing"


def test_a_figure_nobody_has_counts_for_nobody() -> None:
    own = {"style_e/lips": {"0": 0.8}}
    assert comparison.score(own, FIGURES) == pytest.approx(8.0)
    assert comparison.means({**own, "style_e/jitter": {}}) == {"style_e/lips": 0.8}


def test_the_best_of_a_front_is_a_compromise(tmp_path: Path) -> None:
    study = open_study(tmp_path, "a:minimize", "b:maximize")
    for values in ((0.0, 0.0), (0.2, 0.9), (1.0, 1.0), (0.9, 0.1)):
        trial = study.ask()
        trial.suggest_float("x", 0, 1)
        study.tell(trial, values)
    assert {trial.number for trial in optuna_study.front(study)} == {0, 1, 2}
    goals = space("a:minimize", "b:maximize")
    assert comparison.compromise(study.get_trials(), goals).number == 1
    assert comparison.compromise(study.get_trials()[3:], goals).number == 3
