"""Without a configured server Prefect starts a temporary one; here it is tied to the process that started it.

Prefect stops it when that process ends in an orderly way. After kill -9 it would stay, with some 200 MB, for good;
after Ctrl-C it would end first, and the flow would ask for it for minutes.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any

from components.common.machine.databases import sqlite_url
from components.common.parent_death import tethered

DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"  # Prefect's own default makes a URL of a path without quoting it


class _Tethered:
    """Stands in for the module `subprocess` inside Prefect's server module."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    @staticmethod
    def Popen(args: list[str], **settings: Any) -> Any:
        # In a session of its own, Ctrl-C does not reach it: the flow still has to tell it how it ended.
        return subprocess.Popen(tethered(args), **{"start_new_session": True, **settings})


def tie() -> None:
    """From now on, a temporary server of this process ends with it, however it ends."""
    from prefect.settings import PREFECT_API_URL, PREFECT_HOME

    if PREFECT_API_URL.value():
        return
    os.environ.setdefault(DATABASE, sqlite_url(PREFECT_HOME.value() / "prefect.db", "aiosqlite"))
    from prefect.server.api import server  # three seconds, which a run under a real server need not pay

    vars(server)["subprocess"] = _Tethered()
