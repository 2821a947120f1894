"""One home for names: every metric is described, and belongs to a part."""

from __future__ import annotations

import pytest

from evaluation.metrics.registry import METRICS, PARTS, describe


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_is_described(name: str) -> None:
    metric = describe(name)
    assert metric.name == name
    assert name.split("/")[0] in PARTS
    assert metric.description.endswith(".")
    assert len(metric.title) < 45


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError, match="registry"):
        describe("talker/unheard_of")
