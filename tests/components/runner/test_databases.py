"""A file of several steps has its name only when it is whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from components.runner.databases import file_of, make_whole, set_aside


def _two_steps(uri: str) -> None:
    path = file_of(uri)
    assert path is not None
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE first (x)")
        connection.commit()
        if os.environ.get("DIE"):
            os.kill(os.getpid(), signal.SIGKILL)
        connection.execute("CREATE TABLE second (x)")
    connection.close()


def _tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


@pytest.mark.parametrize("leftover", [None, b""])
def test_a_kill_between_two_steps_leaves_no_database(tmp_path: Path, leftover: bytes | None) -> None:
    path = tmp_path / "study.db"
    if leftover is not None:
        path.write_bytes(leftover)
    code = f"from {__name__} import _two_steps, make_whole; make_whole('sqlite:///{path}', _two_steps)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "DIE": "1"}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not path.exists() or path.stat().st_size == 0
    make_whole(f"sqlite:///{path}", _two_steps)
    assert _tables(path) == {"first", "second"}
    assert [file.name for file in tmp_path.iterdir()] == ["study.db"]


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(b"something")
    make_whole(f"sqlite:///{path}", lambda _: pytest.fail("made anew"))
    make_whole("postgresql://db.example.org/optuna", lambda _: pytest.fail("no file"))


def test_the_file_of_a_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_of("sqlite:////a/b.db") == Path("/a/b.db")
    assert file_of("sqlite:///b.db") == tmp_path / "b.db"
    assert file_of("sqlite:///file:///a/what%3F/b.db?uri=true") == Path("/a/what?/b.db")
    for other in ("sqlite://", "sqlite:///:memory:", "postgresql://host/db", "http://host", "no address"):
        assert file_of(other) is None


def test_what_is_set_aside_keeps_every_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    for content in ("first", "second"):
        path.write_text(content)
        path.with_name("mlflow.db-journal").write_text("of it")
        set_aside(path)
    assert {file.read_text() for file in tmp_path.iterdir()} == {"first", "second"}
