"""Small charts as inline SVG. Colors come from the page's CSS variables, so they follow its dark and light themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from evaluation.summary.confidence import Interval

WIDTH, HEIGHT = 560, 120  # of a curve chart, SVG units
BARS = 360  # width of a bar chart
COLORS = ("var(--ink-2)", "var(--accent)", "var(--accent-2)")


def curves(series: Mapping[str, Sequence[float]], seconds: float, label: str) -> str:
    """Lines over time with a legend; values in 0-1. label: what a screen reader says."""
    left, top, bottom = 4.0, 8.0, HEIGHT - 20.0
    lines, legend = [], []
    for i, (name, values) in enumerate(series.items()):
        color = COLORS[i % len(COLORS)]
        step = (WIDTH - 2 * left) / max(len(values) - 1, 1)
        points = " ".join(f"{left + k * step:.1f},{bottom - v * (bottom - top):.1f}" for k, v in enumerate(values))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.8"/>')
        legend.append(
            f'<text x="{WIDTH - 8 - 110 * i}" y="{HEIGHT - 4}" text-anchor="end" fill="{color}">{escape(name)}</text>'
        )
    ticks = "".join(
        f'<text x="{left + s / max(seconds, 1e-9) * (WIDTH - 2 * left):.1f}" y="{HEIGHT - 4}">{s} s</text>'
        for s in range(int(seconds) + 1)
        if s / max(seconds, 1e-9) < 0.6
    )
    axis = f'<line x1="{left}" y1="{bottom}" x2="{WIDTH - left}" y2="{bottom}" stroke="var(--line)"/>'
    return _svg(WIDTH, HEIGHT, label, axis + "".join(lines) + ticks + "".join(legend))


def bars(rows: Mapping[str, Interval], unit: str, label: str) -> str:
    """One horizontal bar a row with its interval as a whisker; the scale starts at zero (or below, if values do)."""
    names, row, chars = list(rows), 24, 6.6
    left = 14 + chars * max(len(name) for name in names)
    right = BARS - 66
    low = min(0.0, *(r.low for r in rows.values()))
    high = max(1e-9, *(r.high for r in rows.values()))

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = []
    for i, (name, value) in enumerate(rows.items()):
        y = 4 + i * row
        middle = y + row / 2
        start, end = sorted((x(0.0), x(value.mean)))
        parts.append(
            f'<text x="{left - 8:.1f}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{start:.1f}" y="{y + 5}" width="{max(end - start, 1):.1f}" height="{row - 10}" rx="2" '
            f'fill="var(--bar)"/>'
            f'<line x1="{x(value.low):.1f}" x2="{x(value.high):.1f}" y1="{middle}" y2="{middle}" '
            f'stroke="var(--ink)" stroke-width="1.4"/>'
            f'<text x="{BARS - 4}" y="{middle + 4}" text-anchor="end" fill="var(--ink)">{number(value.mean)} '
            f"{escape(unit)}</text>"
        )
    return _svg(BARS, 8 + row * len(names), label, "".join(parts))


def two_ranges(before: tuple[float, float, float], now: tuple[float, float, float], label: str) -> str:
    """Two bars on one scale, each (low, high, mean), the mean as a tick: above what was, below what is."""
    width, row = 300, 14
    low, high = min(before[0], now[0]), max(before[1], now[1])
    scale = (width - 8) / max(high - low, 1e-9)

    def bar(values: tuple[float, float, float], y: int, color: str) -> str:
        start, end, mean = (4 + (value - low) * scale for value in values)
        return (
            f'<rect x="{start:.1f}" y="{y + 3}" width="{max(end - start, 2):.1f}" height="{row - 6}" rx="2" '
            f'fill="{color}"/><line x1="{mean:.1f}" x2="{mean:.1f}" y1="{y + 1}" y2="{y + row - 1}" '
            f'stroke="var(--ink)" stroke-width="1.6"/>'
        )

    return _svg(width, 2 * row, label, bar(before, 0, "var(--bar)") + bar(now, row, "var(--accent-2)"))


def number(value: float) -> str:
    """A figure for people: three digits, no scientific notation."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _svg(width: int, height: float, label: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:g}" role="img" aria-label="{escape(label, {chr(34): "&quot;"})}" '
        f'font-size="12" fill="var(--ink-2)">{body}</svg>'
    )
