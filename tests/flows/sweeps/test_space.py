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
        for edge in (bounds.low, bounds.high):
            validate(nested(parameter, edge), name)


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
