"""Runs that MLflow could not be told about, kept on disk until `python -m flows.sync` sends them.

Everything a stage tells its tracker is an event: a JSON object with `kind`, `time` (milliseconds) and, where files
belong to it, `files` (name -> path). A spooled run is a folder with one event a line and copies of the files, so that
it can be replayed after the workspace has changed. What a kind means to MLflow: `mlflow_store`.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.common.environment import SPOOL
from components.common.locks import is_held, lock

Event = dict[str, Any]

FOLDER = ".mlflow-spool"
PREFIX = "spool-"  # of the name that stands for a run's id until it has one
LINES, SENT = "events.jsonl", "sent.json"


def now() -> int:
    """Milliseconds since 1970, MLflow's unit of time."""
    return time.time_ns() // 1_000_000


def event(kind: str, files: Mapping[str, Path] | None = None, **values: Any) -> Event:
    """One thing told, at this moment."""
    paths = {name: str(path) for name, path in (files or {}).items()}
    return {"kind": kind, "time": now(), **({"files": paths} if paths else {}), **values}


def spool_folder(root: Path) -> Path:
    """`STYLE2TALKER_SPOOL`, for workspaces that are deleted when they are done, or a folder of the project."""
    return SPOOL.read(root / FOLDER)


class Spool:
    """One run's folder, to write to. It is held locked while its writer lives, however the writer ends."""

    def __init__(self, parent: Path, name: str = "") -> None:
        self.name = name or PREFIX + uuid.uuid4().hex
        self.folder = parent / self.name
        (self.folder / "files").mkdir(parents=True, exist_ok=True)
        self._lines = (self.folder / LINES).open("a", encoding="utf-8")
        lock(self._lines)
        self._kept = 0

    def tell(self, told: Event) -> None:
        """Keep an event, and copies of its files. Raises OSError when the disk will not take them."""
        if "files" in told:
            told = told | {"files": {name: self._copy(Path(path)) for name, path in told["files"].items()}}
        self._lines.write(json.dumps(told) + "\n")
        self._lines.flush()
        if told["kind"] == "end":
            self._lines.close()

    def _copy(self, path: Path) -> str:
        place = Path("files", f"{self._kept:05d}", path.name)
        self._kept += 1
        (self.folder / place).parent.mkdir()
        if path.is_dir():
            shutil.copytree(path, self.folder / place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, self.folder / place)
        return place.as_posix()


class Spooled:
    """One run's folder, to read from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    def events(self) -> list[Event]:
        """What was told, in order, with absolute paths. A last line that a kill cut short is left out."""
        found = []
        for line in (self.folder / LINES).read_text(encoding="utf-8").splitlines():
            try:
                told: Event = json.loads(line)
            except ValueError:
                break
            if "files" in told:
                told["files"] = {name: str((self.folder / path).resolve()) for name, path in told["files"].items()}
            found.append(told)
        return found

    def held(self) -> bool:
        """Whether the stage that writes it is still at work."""
        return is_held(self.folder / LINES)

    def progress(self) -> tuple[str, int]:
        """(run id, number of events sent): an interrupted sync goes on from there."""
        path = self.folder / SENT
        stored: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"run_id": "", "events": 0}
        return str(stored["run_id"]), int(stored["events"])

    def keep_progress(self, run_id: str, events: int) -> None:
        temporary = self.folder / f"{SENT}.new"
        temporary.write_text(json.dumps({"run_id": run_id, "events": events}))
        temporary.replace(self.folder / SENT)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def spooled(root: Path) -> Iterator[Spooled]:
    """Every run that waits, oldest first."""
    folders = [path.parent for path in spool_folder(root).glob(f"*/{LINES}")]
    runs = [Spooled(folder) for folder in folders if (folder / LINES).stat().st_size]
    yield from sorted(runs, key=lambda run: (run.events() or [{"time": 0}])[0]["time"])
