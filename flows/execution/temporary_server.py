"""Without a configured server Prefect starts a temporary one; here it is tied to the process that started it.

Prefect stops it when that process ends in an orderly way. After kill -9 it would stay, with some 200 MB, for good.
"""

from __future__ import annotations

import subprocess
from typing import Any

from components.common.parent_death import tethered


class _Tethered:
    """Stands in for the module `subprocess` inside Prefect's server module."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    @staticmethod
    def Popen(args: list[str], **settings: Any) -> Any:
        return subprocess.Popen(tethered(args), **settings)


def tie() -> None:
    """From now on, a temporary server of this process ends with it, however it ends."""
    from prefect.settings import PREFECT_API_URL

    if PREFECT_API_URL.value():
        return
    from prefect.server.api import server  # three seconds, which a run under a real server need not pay

    vars(server)["subprocess"] = _Tethered()
