"""Runs that MLflow does not know yet, kept on disk until `python -m flows.sync` sends them.

A spooled run is a folder with one event a line and copies of the files that belong to them, so that it can be replayed
after the workspace has changed. Its writer holds it locked while it lives.
"""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

from components.common.environment import SPOOL
from components.common.locks import is_held, lock
from components.runner.tracking.events import End, Event, from_json, to_json

FOLDER = ".mlflow-spool"
PREFIX = "spool-"  # of the name that stands for a run's id until it has one
LINES, SENT = "events.jsonl", "sent.json"


def spool_folder(root: Path) -> Path:
    """`STYLE2TALKER_SPOOL`, for workspaces that are deleted when they are done, or a folder of the project."""
    return SPOOL.read(root / FOLDER)


class Spool:
    """One run's folder, to write to. It is held locked while its writer lives, however the writer ends."""

    def __init__(self, parent: Path) -> None:
        self.name = PREFIX + uuid.uuid4().hex
        self.folder = parent / self.name
        (self.folder / "files").mkdir(parents=True, exist_ok=True)
        self._lines = (self.folder / LINES).open("a", encoding="utf-8")
        lock(self._lines)
        self._copies = 0

    def write(self, event: Event) -> None:
        """Keep an event, and copies of its files. Raises OSError when the disk will not take them."""
        copies = {name: self._copy(path) for name, path in event.files().items()}
        self._lines.write(to_json(event.with_files(copies)) + "\n")
        self._lines.flush()
        if isinstance(event, End):
            self._lines.close()

    def _copy(self, path: Path) -> Path:
        """The copy's place below the folder."""
        place = Path("files", f"{self._copies:05d}", path.name)
        self._copies += 1
        (self.folder / place).parent.mkdir()
        if path.is_dir():
            shutil.copytree(path, self.folder / place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, self.folder / place)
        return place


class SpooledRun:
    """One run's folder, to read from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    def events(self) -> list[Event]:
        """Its events, in order, with absolute paths. A last line that a kill cut short is left out.

        Raises `UserError` for an event of another version of the project.
        """
        events = []
        for line in (self.folder / LINES).read_text(encoding="utf-8").splitlines():
            try:
                event = from_json(line)
            except json.JSONDecodeError:
                break
            places = {name: (self.folder / path).resolve() for name, path in event.files().items()}
            events.append(event.with_files(places))
        return events

    def is_held(self) -> bool:
        """Whether the stage that writes it is still at work."""
        return is_held(self.folder / LINES)

    def progress(self) -> tuple[str, int]:
        """(run id, number of events sent): an interrupted sync goes on from there."""
        path = self.folder / SENT
        stored: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"run_id": "", "events": 0}
        return str(stored["run_id"]), int(stored["events"])

    def write_progress(self, run_id: str, events: int) -> None:
        temporary = self.folder / f"{SENT}.new"
        temporary.write_text(json.dumps({"run_id": run_id, "events": events}))
        temporary.replace(self.folder / SENT)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def spooled_runs(root: Path) -> list[SpooledRun]:
    """Every run that waits, oldest first."""
    folders = [path.parent for path in spool_folder(root).glob(f"*/{LINES}") if path.stat().st_size]
    return sorted(map(SpooledRun, folders), key=_start)


def _start(run: SpooledRun) -> int:
    """The time of its first event, in milliseconds since 1970."""
    return next((event.time for event in run.events()), 0)
