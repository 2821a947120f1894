"""The drift check as files: `drift.json` and a web page in the look of the evaluation's report."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from components.common.artifacts import write_json
from evaluation.drift.comparison import Change, Drift, shares
from evaluation.drift.figures import Footage
from evaluation.drift.wording import group, term
from evaluation.report.charts import two_ranges
from evaluation.report.page import write_page

MOST_ROWS = 12  # of a part that has not drifted as a whole
SHARE_TITLES = {"emotion": "Emotions", "intensity": "Strength of the emotions"}


def write_drift(drift: Drift, training: Footage, new: Footage, folder: Path) -> Path:
    """Fill `folder` with `drift.json` and `index.html`; returns the page."""
    write_json(folder / "drift.json", drift.as_json())
    return write_page(
        folder / "index.html",
        "drift.html.jinja",
        facts=drift.facts,
        drifted=drift.drifted,
        reasons=drift.reasons,
        parts=parts(drift),
        shares=share_tables(training, new),
    )


def parts(drift: Drift) -> list[dict[str, Any]]:
    """Figures by part of the footage, the most changed part first; of each part its strongest and all drifted ones."""
    figures = [change for change in drift.changes if not change.name.startswith("share/")]
    strongest = {name: max(c.strength for c in figures if group(c.name) == name) for name in map(_part, figures)}
    figures.sort(key=lambda change: (-strongest[_part(change)], _part(change), -change.strength))
    return [
        {"title": title, "rows": [row(c) for i, c in enumerate(changes) if c.drifted or i < MOST_ROWS]}
        for title, changes in groupby(figures, _part)
    ]


def _part(change: Change) -> str:
    return group(change.name)


def row(change: Change) -> dict[str, Any]:
    """One line of a table."""
    wording = term(change.name)
    return {
        "name": change.name,
        "title": wording.title,
        "before": wording.show(change.before),
        "now": wording.show(change.now),
        "strength": f"{change.strength:.1f}",
        "drifted": change.drifted,
        "svg": two_ranges(
            (*change.before_range, change.before), (*change.now_range, change.now), f"{wording.title}: training and new"
        ),
    }


def share_tables(training: Footage, new: Footage) -> list[dict[str, Any]]:
    """Shares of every label on both sides."""
    tables = []
    for label, words in training.labels.items():
        before, now = shares(words), shares(new.labels[label])
        rows = [
            {"word": word, "before": f"{before.get(word, 0):.0%}", "now": f"{now.get(word, 0):.0%}"}
            for word in sorted({*before, *now})
        ]
        tables.append({"title": SHARE_TITLES.get(label, label), "rows": rows})
    return tables
