"""Step figures: readable while they grow, the same bytes for the same rows."""

from __future__ import annotations

import csv
from pathlib import Path

from components.common.training.step_log import write_steps

ROWS = [{"step": 20.0, "loss": 1 / 3}, {"step": 40.0, "loss": 0.25, "val_loss": 0.5}]


def test_rows_come_back(tmp_path: Path) -> None:
    write_steps(tmp_path / "a.csv", ROWS)
    with (tmp_path / "a.csv").open() as stream:
        read = list(csv.DictReader(stream))
    assert read == [
        {"step": "20", "loss": "0.333333", "val_loss": ""},
        {"step": "40", "loss": "0.25", "val_loss": "0.5"},
    ]


def test_no_rows_leave_a_header(tmp_path: Path) -> None:
    write_steps(tmp_path / "a.csv", [])
    assert (tmp_path / "a.csv").read_text() == "step\n"


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for count in (1, 2):
        write_steps(tmp_path / "a.csv", ROWS[:count])
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
