"""Addresses of SQLite files: a path is no URL, and `?`, `#` or `%` in it would name another file."""

from __future__ import annotations

from pathlib import Path

DRIVER = "pysqlite"  # SQLAlchemy's own
SPECIAL = "?#%"  # what ends a path in a URL, or stands for another character


def sqlite_url(path: Path, driver: str = "") -> str:
    """SQLAlchemy's URL of the file, wherever it lies. driver: such as "aiosqlite"."""
    scheme = f"sqlite+{driver}" if driver else "sqlite"
    place = path.resolve()
    if not any(character in str(place) for character in SPECIAL):
        return f"{scheme}:///{place}"
    # SQLAlchemy has no escape for a path, but SQLite has: https://www.sqlite.org/uri.html
    # The driver is named, since without one MLflow makes folders of the rest, whatever that is.
    return f"sqlite+{driver or DRIVER}:///{place.as_uri()}?uri=true"
