"""Runs, as stages and flows use them: what tracking offers. Trouble with it never stops a training, and loses nothing.

What a run reports are `events`. They go to MLflow (`mlflow_store`) or, when a server does not answer, at the start or
later, to a folder on disk (`spool`), from which `python -m flows.sync` sends them. `STYLE2TALKER_TRACKING=off` records
nothing.
"""

from __future__ import annotations

import getpass
import math
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from components.common import environment
from components.common.artifacts import read_json
from components.common.errors import UserError, redacted
from components.common.layout import Layout
from components.common.params import Params
from components.common.tracker import Column, NullTracker, Tracker
from components.runner import lineage
from components.runner.dvc_lock import DvcLock
from components.runner.git import UNKNOWN
from components.runner.tracking import events, run_note
from components.runner.tracking.mlflow_store import Store, connect, store_uri
from components.runner.tracking.provenance import source_tags
from components.runner.tracking.sinks import Sink, open_sink
from components.runner.tracking.system_metrics import sampling

__all__ = [
    "connect", "flatten", "parent_run", "record_cached", "start_run", "store_uri", "switched_off", "user",
]  # fmt: skip

ROUNDING = 1e-6  # of the figures that a stage ends with


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings to dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


class RunTracker:
    """Turns calls into events. Threads may share it."""

    def __init__(self, sink: Sink) -> None:
        self.run_id: str | None = sink.run_id or None
        self.final: dict[str, float] = {}
        self.decision = ""  # as the tag `decision.summary` says it
        self._curves: dict[str, tuple[int, float]] = {}  # figure -> its last step and value
        self._sink = sink
        self._turn = threading.Lock()

    def write(self, event: events.Event) -> None:
        with self._turn:
            self._sink = self._sink.write(event)

    def log_params(self, params: Mapping[str, Any]) -> None:
        self.write(events.LogParams({key: redacted(str(value)) for key, value in flatten(params).items()}))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        values = {key: float(value) for key, value in metrics.items()}
        if step is not None:
            self._curves |= {key: (step, value) for key, value in values.items()}
            self.write(events.LogMetrics(values, step))
            return
        self.final |= values
        # The final value of a curve stands at its end, where it may be already. At step 0 it would be the first point.
        places: dict[int, dict[str, float]] = {}
        for key, value in values.items():
            step, last = self._curves.get(key, (0, math.nan))
            if not math.isclose(value, last, rel_tol=ROUNDING, abs_tol=ROUNDING):
                places.setdefault(step, {})[key] = value
        for place, figures in places.items():
            self.write(events.LogMetrics(figures, place))

    def log_artifact(self, path: Path, folder: str = "") -> None:
        self.write(events.LogArtifact(path, folder))

    def log_image(self, path: Path, key: str) -> None:
        self.write(events.LogImage(path, key))

    def log_inputs(self, hashes: Mapping[str, str], context: str) -> None:
        if hashes:
            self.write(events.LogInputs(dict(hashes), context))

    def log_model(
        self,
        name: str,
        folders: Mapping[str, Path],
        code: Path,
        columns: Sequence[Column] = (),
        example: Mapping[str, Any] | None = None,
    ) -> None:
        places = {key: folder.resolve() for key, folder in folders.items()}
        package, requirements = Path("components"), Path("constraints.txt")
        self.write(
            events.LogModel(
                name,
                places,
                code,
                tuple(columns),
                dict(example or {}),
                package if package.exists() else None,
                requirements if requirements.exists() else None,
            )
        )

    def set_tags(self, tags: Mapping[str, str]) -> None:
        self.decision = tags.get("decision.summary", self.decision)
        self.write(events.SetTags({key: redacted(str(value)) for key, value in tags.items()}))


def switched_off() -> bool:
    """Whether the user wants no tracking at all."""
    return not environment.TRACKING.read()


def _tags(name: str, root: Path, kind: str) -> dict[str, str]:
    """What every run of the project carries."""
    sources = source_tags(root)
    parent = environment.PARENT_RUN.read() if kind == "stage" else ""
    # Retrainings stand below each other in a table, and so their names say of which code.
    commit = sources["git.commit"]
    full = f"{name} {commit[:7]}" if kind == "retrain" and commit != UNKNOWN else name
    return {
        "mlflow.runName": environment.RUN_NAME.read(name) if kind == "stage" else full,
        "mlflow.user": user(),
        "mlflow.source.name": f"dvc repro {name}" if kind == "stage" else name,
        "mlflow.source.type": "PROJECT",
        **({"mlflow.source.git.commit": commit} if commit != UNKNOWN else {}),
        "kind": kind,
        "cached": "false",
        **({"stage": name} if kind == "stage" else {}),
        **({"mlflow.parentRunId": parent} if parent else {}),
        **sources,
    }


def _read_lock(root: Path) -> DvcLock:
    """What DVC's files say; nothing where they cannot be read, which DVC itself will say."""
    try:
        return DvcLock.read(root)
    except UserError:
        return DvcLock()


def _made_by(root: Path, name: str) -> str:
    """The id of the run of that name, or the name where MLflow does not know (now)."""
    try:
        return Store.open(root).resolve(name) or name
    except Exception:  # any trouble of a server, a disk or a database: the sink will say so
        return name


def user() -> str:
    """Who runs this process: a name, or a number where a container's user has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@contextmanager
def start_run(name: str, params: Params, layout: Layout, kind: str = "stage") -> Iterator[Tracker]:
    """The tracker of one run; it is closed as FINISHED or FAILED when the block ends.

    name: stage name; its own section of `params` is logged, with `runtime`. Another kind than "stage" (a flow) logs all
    sections. `STYLE2TALKER_PARENT_RUN` nests a stage's run.
    """
    if switched_off():
        yield NullTracker()
        return
    tracker = RunTracker(open_sink(layout.root, _tags(name, layout.root, kind)))
    values = params.model_dump()
    sections = (name, "runtime") if kind == "stage" else tuple(values)
    tracker.log_params({section: values[section] for section in sections if section in values})
    lock = _read_lock(layout.root)
    about = lock.description(name) or f"A run of `{name}`"
    tracker.set_tags({"mlflow.note.content": run_note.note(about, "running", {})})
    if kind == "stage":
        context = "evaluation" if name == "evaluate" else "training"
        tracker.log_inputs(lock.inputs(name), context)
    status = "FAILED"
    try:
        # A flow only waits: what its stages cost stands in their own runs.
        with sampling(tracker.log_metrics, layout.root) if kind == "stage" else nullcontext():
            yield tracker
        run_note.log_curves(tracker.log_artifact, layout, name)
        status = "FINISHED"
    finally:
        note = run_note.note(about, status.lower(), tracker.final)
        tracker.set_tags({"mlflow.note.content": run_note.led(tracker.decision, note) if tracker.decision else note})
        tracker.write(events.End(status))


@contextmanager
def parent_run(name: str, root: Path) -> Iterator[str]:
    """A run that the stages of one flow nest under; yields its id, or "" when tracking is off."""
    with start_run(name, Params(), Layout(root), kind=name.split()[0]) as tracker:
        yield tracker.run_id or ""


def record_cached(stages: Iterable[str], parent: str, root: Path) -> None:
    """A child run for each stage that did not run, with its metrics and the run that really made its outputs."""
    if not parent or switched_off():
        return
    layout, lock = Layout(root), _read_lock(root)
    for stage in stages:
        metrics, source = layout.metrics(stage), _made_by(root, lineage.read(layout, stage))
        tags = _tags(stage, root, "stage") | {"mlflow.runName": f"{stage} (cached)", "cached": "true"}
        figures = read_json(metrics) if metrics.is_file() else {}
        about = f"Did not run: nothing it depends on has changed. Its outputs were made by run `{source or 'unknown'}`"
        note = run_note.note(about, "cached", figures)
        tags |= {"mlflow.parentRunId": parent, "source_run": source, "mlflow.note.content": note}
        tracker = RunTracker(open_sink(root, tags))
        tracker.log_metrics(figures)
        tracker.log_inputs(lock.inputs(stage), "evaluation" if stage == "evaluate" else "training")
        tracker.write(events.End("FINISHED"))
