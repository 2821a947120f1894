"""Search spaces name parameters that exist and values that the parameters accept."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from components.common.params import Params, validate
from flows import space as spaces
from flows.trials import PlotReader

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
