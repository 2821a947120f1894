"""Search spaces name parameters that exist and values that the parameters accept."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from components.common.params import Params, validate
from flows.sweeps import space as spaces

PARAMS = Params().model_dump()


def nested(name: str, value: Any) -> dict[str, Any]:
    return reduce(lambda inner, key: {key: inner}, reversed(name.split(".")), value)


@pytest.mark.parametrize("name", spaces.names())
def test_ranges_fit_the_parameters(name: str) -> None:
    space = spaces.load_space(name)
    assert space.stage in PARAMS
    for parameter, bounds in space.parameters.items():
        for edge in bounds.edges:
            validate(nested(parameter, edge), name)
    for values in space.first:
        assert set(values) <= set(space.parameters)
        assert space.including(values) == space


def test_an_unknown_space_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="style_a, style_e"):
        spaces.load_space("style_z")


def test_objectives_can_be_named_on_the_command_line() -> None:
    space = spaces.load_space("style_e", ["loss:minimize", "r_jaw_val:maximize"])
    assert [(goal.metric, goal.direction) for goal in space.objectives] == [
        ("loss", "minimize"),
        ("r_jaw_val", "maximize"),
    ]
    with pytest.raises(UserError, match="objectives"):
        spaces.load_space("style_e", ["loss"])


def test_a_mistake_in_a_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("stage: s\nobjectives: [{metric: a, direction: up}]\nparameters: {x: {type: float}}\n")
    with pytest.raises(UserError, match=r"^mine.yaml: objectives.0.direction: .*'minimize' or 'maximize'$"):
        spaces.load_space(str(path))
    path.write_text("stage: s\nobjectives: [{metric: a, direction: minimize}]\nparameters: {}\n")
    with pytest.raises(UserError, match=r"^mine.yaml: parameters: "):
        spaces.load_space(str(path))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("{x: {type: float, low: 1, high: 0.5}}", "low 1 must be below high 0.5"),
        ("{x: {type: int, low: 3, high: 3}}", "low 3 must be below high 3"),
        ("{x: {type: float}}", "low 0 must be below high 0"),
        ("{x: {type: float, low: 0, high: 1, log: true}}", "starts above 0, not at 0"),
        ("{x: {type: categorical, choices: [a]}}", "at least two different choices"),
        ("{x: {type: float, low: 0, high: 1, choices: [1]}}", "choices are for type: categorical"),
        ("{x: {type: real, low: 0, high: 1}}", "'float', 'int' or 'categorical'"),
        ("{x: {type: float, lowest: 0, high: 1}}", "lowest"),
    ],
)
def test_a_range_that_holds_nothing_is_refused(tmp_path: Path, parameters: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"stage: s\nobjectives: [{{metric: a, direction: minimize}}]\nparameters: {parameters}\n")
    with pytest.raises(UserError, match=rf"^mine.yaml: parameters.x.*{message}") as caught:
        spaces.load_space(str(path))
    assert "\n" not in str(caught.value)


def test_a_space_is_widened_to_what_is_tried_first() -> None:
    ranges = {
        "x": {"type": "float", "low": 1, "high": 2, "log": True},
        "c": {"type": "categorical", "choices": ["a", "b"]},
    }
    goals = [{"metric": "m", "direction": "minimize"}]
    space = spaces.Space.model_validate({"stage": "s", "objectives": goals, "parameters": ranges})
    wide = space.including({"x": 0.5, "c": "z"}).parameters
    assert (wide["x"].low, wide["x"].high) == (0.5, 2)
    assert wide["c"].choices == ("a", "b", "z")
    assert space.including({"x": 1.5, "c": "b"}) == space
    with pytest.raises(UserError, match=r"x is 0 now, and 0 is not in a logarithmic range"):
        space.including({"x": 0})


def test_points_grow_until_it_is_enough() -> None:
    closures = spaces.Figure(direction="maximize", point=0.1, enough=0.9)
    assert closures.points(0.8) == pytest.approx(8.0)
    assert closures.points(0.95) == closures.points(0.9) == pytest.approx(9.0)
    trembling = spaces.Figure(direction="minimize", point=0.5, enough=1.0)
    assert trembling.points(2.0) == pytest.approx(-4.0)
    assert trembling.points(0.5) == trembling.points(1.0) == pytest.approx(-2.0)
