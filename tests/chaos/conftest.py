"""Every test in this folder is a scenario: marked so, and named for the table in docs/runbook.md."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker(pytest.mark.chaos)
        scenario = item.get_closest_marker("scenario")
        words = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
        item.user_properties.append(("scenario", scenario.args[0] if scenario else words))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=0, help="random kills in tests/chaos/test_kills.py")
