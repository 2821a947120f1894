"""Send to MLflow the runs that waited on disk while it did not answer, whole and in order, and remove what was sent.

Runs whose stage is still at work are left for the next time. An interrupted sync goes on where it stopped.

Example: ``python -m flows.sync``
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from components.common.errors import UserError
from components.runner.tracking.mlflow_store import SPOOL_TAG, Store, refused
from components.runner.tracking.spool import Event, Spooled, event, spool_folder, spooled
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive
from flows.promotion.model_registry import REQUEST_SECONDS, mlflow_errors

PARENT = "mlflow.parentRunId"


def sync(root: Path, log: Callable[[str], None]) -> int:
    """Send every run that waits; returns how many were sent. Raises `UserError` when MLflow does not answer."""
    if not any(spooled(root)):
        return 0
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", REQUEST_SECONDS)
    store = Store.open(root)
    with exclusive(spool_folder(root) / ".lock", log), mlflow_errors(str(store.client.tracking_uri)):
        return sum(send(store, run, log) for run in spooled(root))


def send(store: Store, run: Spooled, log: Callable[[str], None]) -> bool:
    """Replay one run; False when its stage is still at work."""
    if run.held():
        log(f"{run.name}: still being written, left for the next time")
        return False
    events = run.events()
    if not events:
        run.remove()
        return False
    run_id, done = run.progress()
    if not run_id:
        run_id = _begin(store, run.name, events[0])
        run.keep_progress(run_id, done := 1)
    if events[-1]["kind"] != "end":  # its process was killed
        events.append({**event("end", status="KILLED"), "time": events[-1]["time"]})
    for number, told in enumerate(events[done:], done + 1):
        try:
            store.send(run_id, told)
        except Exception as error:
            if not refused(error):
                raise
            log(f"{run.name}: MLflow refused its {told['kind']}: {str(error).splitlines()[0][:160]}")
        run.keep_progress(run_id, number)
    run.remove()
    log(f"{run.name}: sent as run {run_id}, {len(events)} events")
    return True


def _begin(store: Store, name: str, first: Event) -> str:
    """The run in MLflow; children that were told of it by the name it had here are shown its id."""
    if first["kind"] == "continue":
        return str(first["run_id"])
    if known := store.resolve(name):  # made by a sync that was interrupted at this very moment
        return known
    tags = dict(first["tags"])
    for link in (PARENT, "source_run"):
        if link in tags:
            tags[link] = store.resolve(tags[link]) or tags[link]
    run_id = store.begin({**first, "tags": {**tags, SPOOL_TAG: name}})
    for child in store.client.search_runs([store.experiment], f"tags.`{PARENT}` = '{name}'"):
        store.client.set_tag(child.info.run_id, PARENT, run_id)
    return run_id


def main(arguments: list[str] | None = None) -> int:
    options = command("sync", __doc__).parse_args(arguments)

    def work() -> None:
        root = Path(options.root).resolve()
        if not root.is_dir():
            raise UserError(f"{root} is not a folder")
        print(f"sent {sync(root, lambda line: print(line, file=sys.stderr))} runs")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
