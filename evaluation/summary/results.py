"""What an evaluation found, as one JSON file: read by the report, the gate, and anyone who asks later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from components.common.artifacts import read_json, write_json
from components.common.errors import UserError
from evaluation.summary.confidence import Interval

FILE = "evaluation.json"
Summary = dict[str, Interval]


@dataclass(frozen=True)
class Sample:
    """One video of the report: several pictures side by side, playing together.

    video, poster: file names below the report's folder. panels: what is seen, left to right. curve: "asked" and "seen"
    lip movement over time, each scaled to 0-1.
    """

    video: str
    poster: str
    text: str
    facts: str
    panels: list[str]
    curve: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """Everything that the report shows.

    summary: metric -> interval over clips. slices: label ("emotion", ...) -> value -> metric -> interval. baselines:
    method -> metric -> interval, for the comparison table. left_out: what could not be measured, and why, in sentences.
    setting: facts about the run for the report's head, in order. cases: metric -> name of a clip, sentence or pair ->
    value, so that two models can be compared case by case. frozen: names the set of cases; only figures with the same
    name compare.
    """

    summary: Summary
    slices: dict[str, dict[str, Summary]] = field(default_factory=dict)
    baselines: dict[str, Summary] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    setting: dict[str, str] = field(default_factory=dict)
    cases: dict[str, dict[str, float]] = field(default_factory=dict)
    frozen: str = ""

    def flat(self) -> dict[str, float]:
        """Metric -> mean, for `metrics/evaluate.json`."""
        return {name: value.mean for name, value in sorted(self.summary.items())}

    def save(self, folder: Path) -> None:
        write_json(folder / FILE, _rounded(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> Results:
        """Raises `UserError` where there is no evaluation, or one of another version."""
        raw = read_json(folder / FILE)
        try:
            return cls(
                _intervals(raw["summary"]),
                {label: {k: _intervals(v) for k, v in groups.items()} for label, groups in raw["slices"].items()},
                {name: _intervals(v) for name, v in raw["baselines"].items()},
                [Sample(**sample) for sample in raw["samples"]],
                raw["left_out"],
                raw["setting"],
                {metric: {k: float(v) for k, v in values.items()} for metric, values in raw["cases"].items()},
                str(raw["frozen"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{folder / FILE} is not an evaluation of this version; run `dvc repro evaluate`"
            ) from error


def _intervals(raw: Mapping[str, Mapping[str, Any]]) -> Summary:
    return {name: Interval(**value) for name, value in raw.items()}


def _rounded(value: Any) -> Any:
    """Six digits are plenty, and keep the file small and equal across harmless reorderings of sums."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
