"""MLflow's own database of a project, and its artifacts beside it: wherever the project is moved or copied to.

MLflow writes absolute addresses into its database. A project that was moved would go on writing to its old place, and a
copy into the original; so the addresses follow the database whenever it is opened. A database that was left half made,
by a kill in its first seconds, is set aside: MLflow can neither use nor mend it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from components.common.progress import console
from components.runner.databases import make_whole, set_aside

FOLDER = "mlartifacts"  # beside the database
BUSY_SECONDS = 60.0  # a server may be writing
# Tables, and which of their rows somebody put there: MLflow itself makes one experiment.
KEPT = {"experiments": "name != 'Default'", "runs": "1", "registered_models": "1"}


def location(database: Path) -> str:
    """Address of the folder of artifacts."""
    return (database.parent / FOLDER).resolve().as_uri()


def prepare(
    database: Path, uri: str, experiment: str, version: Callable[[], str], make: Callable[[str, str], None]
) -> None:
    """Make the database, or bring one that is there into use; whoever calls holds a lock.

    experiment: name of the one that the project writes to. version: MLflow's name for its newest tables. make: makes
    them, from the URI of a database and the address of the folder of artifacts, and closes the database. Raises what
    SQLite or MLflow raise where it cannot be used.
    """
    if is_half_made(database, version):
        aside = set_aside(database)
        line = (
            f"warning: {database} was never finished (killed in its first seconds?) and holds no run: now {aside.name}"
        )
        console.print(line, style="yellow", markup=False, soft_wrap=True)
    make_whole(uri, lambda draft: make(draft, location(database)))
    follow(database, experiment)


def is_half_made(database: Path, version: Callable[[], str]) -> bool:
    """Whether MLflow began to make the file and did not end, and nothing is lost with it."""
    if not database.is_file() or not database.stat().st_size:
        return False
    with _opened(database) as connection:
        tables = set(_names(connection))
        if tables and not tables & {"alembic_version", *KEPT}:
            return False  # the database of another program
        if any(
            connection.execute(f"SELECT 1 FROM {table} WHERE {which} LIMIT 1").fetchone()
            for table, which in KEPT.items()
            if table in tables
        ):
            return False
        if "alembic_version" not in tables:
            return True
        versions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    return versions != [version()]


def follow(database: Path, experiment: str) -> bool:
    """Have every address in the database that lies in the old folder of artifacts lie in the one beside the database.

    A change is one transaction. Returns whether there was one. An experiment that was put elsewhere on purpose (into a
    folder of another name) is left there.
    """
    with _opened(database) as connection:
        query = "SELECT artifact_location FROM experiments WHERE name = ?"
        stored = connection.execute(query, (experiment,)).fetchone()
        old, new = _path(stored[0]) if stored else None, _path(location(database))
        if old is None or new is None or old == new or old.name != FOLDER:
            return False
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # MLflow writes them as addresses or as plain paths, and in more tables with each version.
            for before, after in {old.as_uri(): new.as_uri(), stored[0]: new.as_uri(), str(old): str(new)}.items():
                for table, column in _texts(connection):
                    connection.execute(
                        f'UPDATE "{table}" SET "{column}" = ? || substr("{column}", ?) '
                        f'WHERE "{column}" = ? OR substr("{column}", 1, ?) = ?',
                        (after, len(before) + 1, before, len(before) + 1, f"{before}/"),
                    )
    return True


def _path(address: str) -> Path | None:
    """The folder of a `file:` address or a plain path; None for a place that is no folder of this machine."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(address) if address.startswith("/") else None


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        yield connection


def _names(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _texts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, column) of every text."""
    return [
        (table, column[1])
        for table in _names(connection)
        for column in connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        if any(word in str(column[2]).upper() for word in ("CHAR", "TEXT", "CLOB"))
    ]
