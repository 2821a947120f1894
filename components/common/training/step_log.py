"""Step-wise training figures as CSV: what `dvc plots` draws and a sweep's pruner reads while the training runs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from components.common.artifacts import atomic


def write_steps(path: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """One line for each row, `step` first, six significant digits; a figure that a row lacks is an empty cell.

    The file is replaced as a whole, so a reader never sees half a line. Columns come in order of first appearance.
    """
    columns = dict.fromkeys(["step", *(name for row in rows for name in row)])
    with atomic(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(columns), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            figures = {name: f"{value:.6g}" for name, value in row.items() if name != "step"}
            writer.writerow({"step": int(row["step"]), **figures})
