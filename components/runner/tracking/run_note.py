"""What a stranger reads first on a run's page: a note with its headline figures, and its curves as a picture."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from components.common.layout import Layout

FIRST_FIGURES = 4
MOST_FIGURES = 14


def note(about: str, state: str, figures: Mapping[str, float]) -> str:
    """Markdown for `mlflow.note.content`: what the run is, how it stands, its first figures, then a table of more.

    MLflow folds a note after a few lines, so the first two must do. The machine's own figures are left out.
    """
    own = [(name, f"{value:.4g}") for name, value in figures.items() if not name.startswith(("system/", "speed/"))]
    headline = " · ".join(f"{name} **{value}**" for name, value in own[:FIRST_FIGURES])
    rows = [f"| {name} | {value} |" for name, value in own[:MOST_FIGURES]]
    table = ["| figure | value |", "|---|---|", *rows] if rows else []
    more = len(own) - len(rows)
    rest = [f"\n{more} more below."] if more > 0 else []
    return "\n".join([f"{about} ({state}).", "", headline, "", *table, *rest])


def led(lead: str, text: str) -> str:
    """A note with one line above it, in bold up to its colon; it takes the place of an earlier such line."""
    word, colon, rest = lead.partition(":")
    body = text.partition("\n\n")[2] if text.startswith("**") else text
    return f"**{word}**{colon}{rest}\n\n{body}"


def log_curves(log: Callable[[Path, str], None], layout: Layout, name: str) -> None:
    """Every step-wise CSV of a stage, and a drawing of it, as artifacts in `plots`."""
    for path in sorted(layout.plots(name).parent.glob(f"{name}*.csv")):
        log(path, "plots")
        with tempfile.TemporaryDirectory() as folder:
            drawing = Path(folder) / f"{path.stem}.png"
            if draw(path, drawing):
                log(drawing, "plots")


def draw(table: Path, drawing: Path) -> bool:
    """A panel for each column over the column `step`; False where there is nothing to draw."""
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = [name for name in (rows[0] if rows else {}) if name != "step"]
    if len(rows) < 2 or "step" not in rows[0] or not names:
        return False
    from matplotlib.figure import Figure

    columns = min(3, len(names))
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(4.2 * columns, 2.6 * lines), layout="constrained")
    for i, name in enumerate(names):
        points = [(float(row["step"]), float(row[name])) for row in rows if row[name]]
        panel = figure.add_subplot(lines, columns, i + 1)
        panel.plot(*zip(*points, strict=True))
        panel.set_title(name, fontsize=9)
        panel.tick_params(labelsize=7)
        panel.set_xlabel("step", fontsize=7)
        panel.grid(alpha=0.3)
    figure.savefig(drawing, dpi=90)
    return True
