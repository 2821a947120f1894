"""Every test in this folder is a scenario: marked so, and named for the table in docs/runbook.md."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.mounts import Mounts
from tests.scenarios import mark


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, pytest.mark.chaos)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=0, help="random kills in tests/chaos/test_kills.py")


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    made = Mounts()
    yield made
    for place in reversed(made.places):
        subprocess.run(["umount", "-l", str(place)], check=False)
