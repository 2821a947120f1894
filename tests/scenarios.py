"""What makes a test a scenario: its marks, and its words in the table of docs/runbook.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


def mark(items: Iterable[pytest.Item], folder: Path, *marks: pytest.MarkDecorator) -> None:
    """Mark every test below `folder`, and name it: by its mark `scenario`, else by its function."""
    for item in items:
        if not item.path.is_relative_to(folder):
            continue
        for each in marks:
            item.add_marker(each)
        scenario = item.get_closest_marker("scenario")
        words = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
        item.user_properties.append(("scenario", scenario.args[0] if scenario else words))
