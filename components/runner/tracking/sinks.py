"""Where a run's events go: to MLflow, to disk while MLflow does not answer, nowhere when the disk will not either.

Each sink says who takes the next event, so that a run can change over at any moment and nobody asks where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from components.common.errors import first_line
from components.common.progress import console
from components.runner.tracking.events import Begin, Continue, Event
from components.runner.tracking.mlflow_store import Store, is_permanent
from components.runner.tracking.spool import Spool, spool_folder


class Sink(Protocol):
    """Where events go. run_id: the run's id in MLflow, or its name on disk; "" when it is recorded nowhere."""

    run_id: str

    def write(self, event: Event) -> Sink:
        """Take an event; returns the sink for the next one. Never raises."""


class NullSink:
    """Takes nothing: neither a server nor a disk would."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id

    def write(self, event: Event) -> Sink:
        return self


class SpoolSink:
    """Events wait on disk, until the disk will not take them."""

    def __init__(self, spool: Spool, run_id: str) -> None:
        self._spool = spool
        self.run_id = run_id

    def write(self, event: Event) -> Sink:
        try:
            self._spool.write(event)
        except OSError as error:
            warn(error, "the rest of this run is recorded nowhere but in metrics/")
            return NullSink(self.run_id)
        return self


class MlflowSink:
    """Events go to MLflow, until it fails. spools: the folder of runs that wait."""

    def __init__(self, store: Store, run_id: str, spools: Path) -> None:
        self._store = store
        self._spools = spools
        self.run_id = run_id

    def write(self, event: Event) -> Sink:
        try:
            self._store.send(event, self.run_id)
        except Exception as error:  # any trouble of a server, a disk or a database: training goes on
            if is_permanent(error):
                warn(error, f"its {event.kind} are not recorded")
                return self
            return _open_spool(self._spools, Continue(self.run_id), error, self.run_id).write(event)
        return self


def _open_spool(spools: Path, first: Event, error: Exception, run_id: str = "") -> Sink:
    """A sink on disk that starts with the event `first`, and a line that says why. run_id: if MLflow knows the run."""
    try:
        spool = Spool(spools)
    except OSError as trouble:
        warn(trouble, "this run is recorded nowhere but in metrics/")
        return NullSink("")
    warn(error, f"this run waits in {spools}; when MLflow is back: python -m flows.sync")
    return SpoolSink(spool, run_id or spool.name).write(first)


def open_sink(root: Path, tags: Mapping[str, str]) -> Sink:
    """A new run with these tags, in MLflow or waiting on disk."""
    first = Begin(dict(tags))
    spools = spool_folder(root)
    try:
        store = Store.open(root)
        return MlflowSink(store, store.begin(first), spools)
    except Exception as error:
        return _open_spool(spools, first, error)


def warn(error: Exception, consequence: str) -> None:
    """Say in one line what went wrong, and what follows from it."""
    console.print(
        f"warning: tracking failed ({first_line(error, 160)}); {consequence}",
        style="yellow",
        markup=False,
        soft_wrap=True,
    )
