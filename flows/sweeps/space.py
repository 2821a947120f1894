"""Search spaces: a YAML file each in `flows/sweeps/spaces/`.

It names the stage to train, the objectives (keys of the stage's metrics file, or the score), the step metric that feeds
the pruner, and the parameters with their ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from components.common.errors import UserError
from components.common.params import Section, read_yaml

SPACES = Path(__file__).parent / "spaces"
SCORE = "score"  # the objective made of a space's figures
Direction = Literal["minimize", "maximize"]


class Objective(Section):
    """A key of `metrics/<stage>.json`, a figure or the score, and which way is better."""

    metric: str
    direction: Direction


class Figure(Section):
    """A figure of `evaluation.rehearsal` in the score.

    point: the change that is worth one point; a loss of more than this, beyond the noise, rules a trial out whatever
    else it gains. enough: a value from which on more of it earns nothing.
    """

    direction: Direction
    point: float = Field(gt=0)
    enough: float | None = None

    @property
    def sign(self) -> float:
        """What makes more of it better."""
        return 1.0 if self.direction == "maximize" else -1.0

    def points(self, value: float) -> float:
        """What the value earns."""
        better = self.sign * value
        return (better if self.enough is None else min(better, self.sign * self.enough)) / self.point


class Report(Section):
    """Where intermediate values come from: a column of `plots/<plots>.csv`.

    direction: of the column; that of the objective if left out. It must not contain what is searched, as a loss
    contains its weights. warmup: no pruning before this step. after: none before so many complete trials. keep: share
    of the trials that the pruner would let live at any step.
    """

    plots: str
    column: str
    direction: Direction | None = None
    warmup: int = Field(0, ge=0)
    after: int = Field(3, ge=1)
    keep: float = Field(0.5, gt=0, le=1)


class Range(Section):
    """One parameter's range."""

    type: Literal["float", "int", "categorical"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[float | int | str, ...] = ()

    @model_validator(mode="after")
    def _holds_something(self) -> Range:
        if self.type == "categorical":
            if len(set(self.choices)) < 2:
                raise ValueError("a categorical range needs at least two different choices")
            return self
        if self.choices:
            raise ValueError(f"choices are for type: categorical, not for {self.type}")
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range starts above 0, not at {self.low:g}")
        return self

    @property
    def edges(self) -> tuple[Any, ...]:
        """Every choice, or both ends."""
        if self.type == "categorical":
            return self.choices
        return tuple(int(edge) if self.type == "int" else edge for edge in (self.low, self.high))

    def including(self, value: Any) -> Range:
        """The range, widened to a value outside of it. Raises `ValueError` where no such range can hold it."""
        if self.type == "categorical":
            return self if value in self.choices else self.model_copy(update={"choices": (*self.choices, value)})
        if self.log and value <= 0:
            raise ValueError(f"{value} is not in a logarithmic range")
        return self.model_copy(update={"low": min(self.low, value), "high": max(self.high, value)})


class Space(Section):
    """A whole search space.

    score: figure -> what it is worth; for an objective of that name. first: values to try right after the present ones,
    which hold for what they do not name.
    """

    stage: str
    objectives: tuple[Objective, ...] = Field(min_length=1)
    score: dict[str, Figure] = Field({})
    report: Report | None = None
    first: tuple[dict[str, float | int | str], ...] = ()
    parameters: dict[str, Range] = Field(min_length=1)

    @property
    def rehearsed(self) -> bool:
        """Whether trials are measured by `evaluation.rehearsal`, too."""
        return any(goal.metric == SCORE or goal.metric in self.score for goal in self.objectives)

    def including(self, values: Mapping[str, Any]) -> Space:
        """The space, widened so that these values lie in it.

        Raises:
            UserError: one of them cannot.
        """
        ranges = dict(self.parameters)
        for name, value in values.items():
            try:
                ranges[name] = ranges[name].including(value)
            except ValueError as error:
                raise UserError(f"{name} is {value} now, and {error}; give it another range") from error
        return self.model_copy(update={"parameters": ranges})


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
        place = ".".join(map(str, first["loc"]))
        raise UserError(f"{path.name}: {place}: {first['msg'].removeprefix('Value error, ')}") from error
