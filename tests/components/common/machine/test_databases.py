"""A database lies where its path says, whatever characters the path has."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from components.common.machine.databases import sqlite_url

ROOT = Path(__file__).parents[4]
FOLDERS = (
    "plain",
    "with space",
    "a?b",
    "a#b",
    "100%",
    "%41",
    "ümlaut",
    "it's",
    'quo"te',
    "a&b=c",
    "a?b#c%20d ü'e",
    "+",
)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_database_lies_in_its_folder_and_nowhere_else(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    engine = create_engine(sqlite_url(folder / "some.db"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE here (x)"))
    engine.dispose()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()] == [Path(name, "some.db")]
    with sqlite3.connect(folder / "some.db") as found:
        assert found.execute("SELECT name FROM sqlite_master").fetchall() == [("here",)]


def test_an_ordinary_path_keeps_the_usual_address(tmp_path: Path) -> None:
    assert sqlite_url(tmp_path / "mlflow.db") == f"sqlite:///{tmp_path}/mlflow.db"
    assert sqlite_url(tmp_path / "p.db", "aiosqlite") == f"sqlite+aiosqlite:///{tmp_path}/p.db"


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_the_address_holds_the_whole_path(name: str) -> None:
    if name in (".", ".."):
        return
    from urllib.parse import unquote

    path = Path("/nowhere") / name
    database = make_url(sqlite_url(path)).database or ""
    found = unquote(database.removeprefix("file://")) if database.startswith("file://") else database
    assert found == str(path)


def test_nobody_else_makes_an_address_of_a_path() -> None:
    homes = [
        path.relative_to(ROOT).as_posix()
        for package in ("components", "evaluation", "flows")
        for path in (ROOT / package).rglob("*.py")
        if "sqlite://" in path.read_text() or "sqlite:/" in path.read_text()
    ]
    assert homes == []
