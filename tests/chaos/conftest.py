"""Every test in this folder is a scenario: marked so, and named for the table in docs/runbook.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios import mark


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, pytest.mark.chaos)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=0, help="random kills in tests/chaos/test_kills.py")
