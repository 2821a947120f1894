"""One check of a small table that holds, and one that does not: Great Expectations takes a second each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from components.common.errors import StageError
from components.contracts.checkpoint import Rule, Suite, check, column

RULES = (
    column("age is never missing", "age", "ToNotBeNull"),
    column("age is not negative", "age", "ToBeBetween", min_value=0),
    Rule("there are two rows", lambda gx: gx.ExpectTableRowCountToEqual(value=2)),
)


def suites(folder: Path, ages: list[int]) -> list[Suite]:
    """The same rules on a file and on rows derived from it."""
    table = pd.DataFrame({"age": ages})
    table.to_parquet(folder / "ages.parquet", index=False)
    return [Suite("ages", folder / "ages.parquet", RULES), Suite("derived", table.head(2), RULES[:2])]


@pytest.fixture(scope="session")
def kept_contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a check that passed, three suites' worth of pages in it."""
    folder = tmp_path_factory.mktemp("kept")
    check("table of ages", "people", suites(folder, [1, 2]), folder / "contract")
    return folder / "contract"


@pytest.fixture(scope="session")
def broken_contract(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a check that failed, and what it said."""
    folder = tmp_path_factory.mktemp("broken")
    with pytest.raises(StageError) as caught:
        check("table of ages", "people", suites(folder, [1, -2, -3]), folder / "contract")
    return folder / "contract", str(caught.value)
