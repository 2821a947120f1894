"""Where a run's events go: to MLflow, to disk while MLflow does not answer, nowhere when the disk will not either.

Each sink says who takes the next event, so that a run can change over at any moment and nobody asks where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from components.common.progress import console
from components.runner.tracking.mlflow_store import Store, refused
from components.runner.tracking.spool import Event, Spool, event, spool_folder


class Sink(Protocol):
    """Where events go."""

    run_id: str

    def tell(self, told: Event) -> Sink:
        """Take an event; returns the sink for the next one. Never raises."""


class _Deaf:
    """Takes nothing: neither a server nor a disk would."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id

    def tell(self, told: Event) -> Sink:
        return self


class _Waiting:
    """Events wait on disk."""

    def __init__(self, spool: Spool, run_id: str) -> None:
        self._spool = spool
        self.run_id = run_id

    def tell(self, told: Event) -> Sink:
        try:
            self._spool.tell(told)
        except OSError as error:
            warn(error, "the rest of this run is recorded nowhere but in metrics/")
            return _Deaf(self.run_id)
        return self


class Live:
    """Events go to MLflow, until it fails."""

    def __init__(self, store: Store, run_id: str, spools: Path) -> None:
        self._store = store
        self._spools = spools
        self.run_id = run_id

    def tell(self, told: Event) -> Sink:
        try:
            self._store.send(self.run_id, told)
        except Exception as error:  # any trouble of a server, a disk or a database: training goes on
            if refused(error):
                warn(error, f"its {told['kind']} are not recorded")
                return self
            return _spooled(self._spools, event("continue", run_id=self.run_id), error).tell(told)
        return self


def _spooled(spools: Path, first: Event, error: Exception) -> Sink:
    """A sink on disk that starts with the event `first`, and a line that says why."""
    try:
        spool = Spool(spools)
    except OSError as trouble:
        warn(trouble, "this run is recorded nowhere but in metrics/")
        return _Deaf("")
    run_id = first.get("run_id") or spool.name
    warn(error, f"this run waits in {spools}; when MLflow is back: python -m flows.sync")
    return _Waiting(spool, run_id).tell(first)


def open_sink(root: Path, tags: Mapping[str, str]) -> Sink:
    """A new run with these tags, in MLflow or waiting on disk."""
    first = event("begin", tags=dict(tags))
    spools = spool_folder(root)
    try:
        store = Store.open(root)
        return Live(store, store.begin(first), spools)
    except Exception as error:
        return _spooled(spools, first, error)


def warn(error: Exception, consequence: str) -> None:
    """Say in one line what went wrong, and what follows from it."""
    reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    console.print(f"warning: tracking failed ({reason}); {consequence}", style="yellow", markup=False, soft_wrap=True)
