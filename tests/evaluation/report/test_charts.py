"""Charts are well-formed SVG in which every bar starts at zero, and numbers have three digits."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.report.charts import bars, curves, number, two_ranges
from evaluation.summary.confidence import Interval

NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=12)
finite = st.floats(-1e6, 1e6)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


@settings(max_examples=30, deadline=None)
@given(rows=st.dictionaries(NAMES, st.tuples(finite, finite, finite).map(sorted), min_size=1, max_size=5))
def test_bars_are_wellformed_for_any_name_and_number(rows: dict[str, list[float]]) -> None:
    intervals = {name: Interval(mean, low, high, 3) for name, (low, mean, high) in rows.items()}
    chart = parsed(bars(intervals, "dB", "what & where"))
    assert len(chart.findall("rect")) == len(rows)
    assert all(float(rect.get("width", "0")) >= 1 for rect in chart.findall("rect"))
    assert chart.get("aria-label") == "what & where"


def test_bars_start_at_zero() -> None:
    chart = parsed(bars({"up": Interval(2, 1, 4, 3), "down": Interval(-1, -2, 0, 3)}, "", "gains"))
    up, down = chart.findall("rect")
    ends = float(down.get("x", "")) + float(down.get("width", ""))
    assert float(up.get("x", "")) == pytest.approx(ends, abs=0.11)
    assert float(up.get("width", "")) == pytest.approx(2 * float(down.get("width", "")), abs=0.3)


def test_curves_have_a_line_and_a_legend_each() -> None:
    chart = parsed(curves({"asked": [0.0, 1.0], "seen": [0.5, 0.5]}, 2.0, "lips"))
    asked, seen = (line.get("points", "").split() for line in chart.findall("polyline"))
    assert len(asked) == len(seen) == 2
    heights = [float(point.split(",")[1]) for point in (asked[0], seen[0], asked[1])]
    assert heights == sorted(heights, reverse=True)  # higher values are drawn higher
    assert {"asked", "seen", "0 s", "1 s"} <= {text.text for text in chart.findall("text")}


def test_two_ranges_share_one_scale() -> None:
    before, now = parsed(two_ranges((0.0, 1.0, 0.5), (1.0, 2.0, 1.5), "jaw")).findall("rect")
    end = float(before.get("x", "")) + float(before.get("width", ""))
    assert end == pytest.approx(float(now.get("x", "")), abs=0.11)


@pytest.mark.parametrize(("value", "shown"), [(0.1234, "0.12"), (-12.34, "-12.3"), (123.4, "123"), (0.0, "0.00")])
def test_numbers_for_people(value: float, shown: str) -> None:
    assert number(value) == shown
