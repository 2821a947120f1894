"""Every test in this folder is a scenario of docs/deployment.md: the page's own commands, run or checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios import mark


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, pytest.mark.chaos, pytest.mark.servers)
