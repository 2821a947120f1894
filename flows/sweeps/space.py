"""Search spaces: a YAML file each in `flows/sweeps/spaces/`.

It names the stage to train, the objectives (keys of the stage's metrics file), the step metric that feeds the pruner,
and the parameters with their ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from components.common.errors import UserError
from components.common.params import Section, read_yaml

SPACES = Path(__file__).parent / "spaces"


class Objective(Section):
    """A key of `metrics/<stage>.json` and which way is better."""

    metric: str
    direction: Literal["minimize", "maximize"]


class Report(Section):
    """Where intermediate values come from: a column of `plots/<plots>.csv`. warmup: no pruning before this step."""

    plots: str
    column: str
    warmup: int = 0


class Range(Section):
    """One parameter's range."""

    type: Literal["float", "int", "categorical"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[float | int | str, ...] = ()


class Space(Section):
    """A whole search space."""

    stage: str
    objectives: tuple[Objective, ...] = Field(min_length=1)
    report: Report | None = None
    parameters: dict[str, Range] = Field(min_length=1)


def names() -> list[str]:
    return sorted(path.stem for path in SPACES.glob("*.yaml"))


def load_space(name: str, objectives: Sequence[str] = ()) -> Space:
    """A space by name or by the path of its YAML file; mistakes are one line.

    objectives: `metric:minimize` or `metric:maximize`, instead of the file's own.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else SPACES / f"{name}.yaml"
    if not path.is_file():
        raise UserError(f"no search space {name!r}; there are: {', '.join(names())}")
    values = read_yaml(path)
    if objectives:
        goals = [text.rpartition(":") for text in objectives]
        values["objectives"] = [{"metric": metric, "direction": direction} for metric, _, direction in goals]
    try:
        return Space.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
