"""Every environment variable of the project's own: name, default, meaning and who reads it.

`docs/environment.md` shows the same table, and the standard variables of other programs that are honored (tested). An
empty value counts as none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from components.common.errors import UserError


@dataclass(frozen=True)
class Variable:
    """A variable. default: what counts without it, as a value or in words. readers: files, below the project's root."""

    name: str
    default: str
    meaning: str
    readers: tuple[str, ...]


class Text(Variable):
    """A text."""

    def read(self, default: str = "") -> str:
        """Its value; else `default`, where that depends on the caller; else the default of the table."""
        return os.environ.get(self.name) or default or self.default


class Switch(Variable):
    """`on` or `off` (1 or 0)."""

    def read(self) -> bool:
        """Raises `UserError` for any other value."""
        value = os.environ.get(self.name) or self.default
        if value.lower() not in ("on", "off", "1", "0"):
            raise UserError(f"{self.name} is {value!r}; set it to on or off, or not at all")
        return value.lower() in ("on", "1")


class Folder(Variable):
    """A folder."""

    def read(self, default: Path) -> Path:
        """Its value, else `default`: it depends on the project, the user or the system."""
        return Path(os.environ.get(self.name) or default)


TRACKING = Switch(
    "STYLE2TALKER_TRACKING", "on", "`off`: nothing is recorded in MLflow", ("components/runner/tracking/runs.py",)
)
SPOOL = Folder(
    "STYLE2TALKER_SPOOL",
    "`.mlflow-spool` in the project",
    "folder of runs that wait until MLflow answers; elsewhere for a workspace that is deleted when it is done",
    ("components/runner/tracking/spool.py",),
)
PARENT_RUN = Text(
    "STYLE2TALKER_PARENT_RUN",
    "",
    "MLflow run under which the runs of stages nest; set by flows",
    ("components/runner/tracking/runs.py",),
)
RUN_NAME = Text(
    "STYLE2TALKER_RUN_NAME",
    "",
    "name of a stage's run in MLflow instead of the stage's own; set by sweeps",
    ("components/runner/tracking/runs.py",),
)
CHECKPOINTS = Folder(
    "STYLE2TALKER_CHECKPOINTS",
    "`.checkpoints` in the project",
    "folder of resumable training state, on a disk that outlives the workspace",
    ("components/common/training/checkpoint.py",),
)
CACHE = Folder(
    "STYLE2TALKER_CACHE",
    "`style2talker` in `XDG_CACHE_HOME`, else in `~/.cache`",
    "folder of data that can always be made or fetched again: the head template, compiled functions, models that were "
    "taken from MLflow or DVC (below `models`)",
    ("components/common/machine/places.py",),
)
SLOTS = Folder(
    "STYLE2TALKER_SLOTS",
    "the system's temporary folder",
    "folder of the GPU locks; one that all users and containers of a machine share",
    ("components/runner/gpu_lock.py", "flows/stack.py"),
)
CPU_SLOT = Switch(
    "STYLE2TALKER_CPU_SLOT",
    "off",
    "`on`: trainings take turns on the CPU, too; else they may run side by side, as in a sweep",
    ("components/runner/gpu_lock.py",),
)
NOTIFY = Text(
    "STYLE2TALKER_NOTIFY",
    "custom-webhook/style2talker",
    "Prefect's notification block that tells people how a flow ended, `<type>/<name>`",
    ("flows/notify.py",),
)
ROOT = Text(
    "STYLE2TALKER_ROOT",
    "",
    "the project's folder on a worker's machine; set by `python -m flows.worker`",
    ("prefect.yaml",),
)

VARIABLES: tuple[Variable, ...] = (
    TRACKING, SPOOL, PARENT_RUN, RUN_NAME, CHECKPOINTS, CACHE, SLOTS, CPU_SLOT, NOTIFY, ROOT,
)  # fmt: skip
