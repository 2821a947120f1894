"""Send to MLflow the runs that waited on disk while it did not answer, whole and in order, and remove what was sent.

Runs whose stage is still at work are left for the next time. An interrupted sync goes on where it stopped.

Example: ``python -m flows.sync``
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from components.common.errors import UserError, disk_trouble, first_line
from components.runner.tracking.events import Begin, Continue, End, Event
from components.runner.tracking.mlflow_store import SPOOL_TAG, Store, is_permanent, store_uri
from components.runner.tracking.spool import SpooledRun, spool_folder, spooled_runs
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive
from flows.promotion.model_registry import REQUEST_SECONDS, mlflow_errors

PARENT = "mlflow.parentRunId"


def sync(root: Path, log: Callable[[str], None]) -> int:
    """Send every run that waits; returns how many were sent. Raises `UserError` when MLflow does not answer."""
    if not spooled_runs(root):
        return 0
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", REQUEST_SECONDS)
    store = Store.open(root)
    with exclusive(spool_folder(root) / ".lock", log), mlflow_errors(store_uri(root)):
        return sum(send(store, run, log) for run in spooled_runs(root))


def send(store: Store, run: SpooledRun, log: Callable[[str], None]) -> bool:
    """Replay one run; False when its stage is still at work."""
    if run.is_held():
        log(f"{run.name}: still being written, left for the next time")
        return False
    events = run.events()
    if not events:
        run.remove()
        return False
    run_id, sent = run.progress()
    if not run_id:
        run_id = _begin(store, run.name, events[0])
        run.write_progress(run_id, sent := 1)
    if not isinstance(events[-1], End):  # its process was killed
        events.append(End("KILLED", time=events[-1].time))
    for number, event in enumerate(events[sent:], sent + 1):
        try:
            store.send(event, run_id)
        except Exception as error:
            if not is_permanent(error):
                raise disk_trouble(error, run.folder) or UserError(
                    f"{run.name}: its {event.kind} could not be sent ({first_line(error)}); try again, or give it up: "
                    f"rm -r {run.folder}"
                ) from error
            log(f"{run.name}: MLflow refused its {event.kind}: {first_line(error, 160)}")
        run.write_progress(run_id, number)
    run.remove()
    log(f"{run.name}: sent as run {run_id}, {len(events)} events")
    return True


def _begin(store: Store, name: str, first: Event) -> str:
    """The run in MLflow; children that know it by the name it had here are shown its id."""
    if isinstance(first, Continue):
        return first.run_id
    if not isinstance(first, Begin):
        raise UserError(f"{name} does not begin with the start of a run; remove it")
    if run_id := store.resolve(name):  # made by a sync that was interrupted at this very moment
        return run_id
    tags = dict(first.tags)
    for link in (PARENT, "source_run"):
        if link in tags:
            tags[link] = store.resolve(tags[link]) or tags[link]
    run_id = store.begin(replace(first, tags={**tags, SPOOL_TAG: name}))
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
