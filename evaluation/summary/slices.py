"""One number hides who it is bad for: the same metric per emotion, identity and art style."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.summary.confidence import Interval, interval


@dataclass(frozen=True)
class Record:
    """What was measured on one clip: metric values, and the labels it can be sliced by ("" where unknown)."""

    clip: str
    values: Mapping[str, float]
    labels: Mapping[str, str]


def values_of(records: Iterable[Record], metric: str) -> list[float]:
    """The metric's value of each clip that has one, in order."""
    return [record.values[metric] for record in records if metric in record.values]


def by_case(records: Iterable[Record]) -> dict[str, dict[str, float]]:
    """metric -> case -> value, undefined values left out."""
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for record in records:
        for metric, value in record.values.items():
            if math.isfinite(value):
                values[metric][record.clip] = float(value)
    return dict(values)


def summarize(records: Sequence[Record], resamples: int, seed: int) -> dict[str, Interval]:
    """Mean and interval of every metric over clips; metrics without a defined value are left out."""
    names = sorted({name for record in records for name in record.values})
    intervals = {name: interval(values_of(records, name), resamples, seed) for name in names}
    return {name: value for name, value in intervals.items() if value is not None}


def by_label(records: Sequence[Record], label: str, resamples: int, seed: int) -> dict[str, dict[str, Interval]]:
    """label value -> metric -> interval. Clips without that label are not in any slice."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.labels.get(label):
            groups[record.labels[label]].append(record)
    return {value: summarize(groups[value], resamples, seed) for value in sorted(groups)}
