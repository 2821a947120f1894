"""The MLflow run of the challenger's evaluation and the model it logged; both logged anew where a store lacks them.

DVC takes an evaluation from its run-cache without running it, and a run may be in another store or was never tracked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.common.artifacts import read_json
from components.common.errors import UserError
from components.runner import lineage
from components.runner.tracking import runs
from components.runner.tracking.events import SetTags
from components.runner.tracking.spool import PREFIX, spool_folder, spooled_runs
from components.talker.logged_model import log_talker
from flows.execution import dvc
from flows.promotion.challenger import Challenger
from flows.promotion.model_registry import ModelRegistry


@dataclass(frozen=True)
class EvaluationRun:
    """source: `models:/m-...`, the logged model; "" where none is logged, which only a dry run leaves so."""

    run_id: str
    source: str


def find_or_log(
    challenger: Challenger, registry: ModelRegistry, log: Callable[[str], None], dry_run: bool, parent: str
) -> EvaluationRun:
    """The run in this store. parent: run that a new one nests under, or "". Raises `UserError` while it is spooled."""
    name = challenger.evaluated_by
    run = registry.run(name) if name else None
    source = registry.logged_model(run) if run is not None else ""
    if run is not None and source:
        return EvaluationRun(str(run.info.run_id), source)
    if run is None and is_spooled(challenger.layout.root, name):
        raise UserError("the evaluation still waits to be sent to MLflow; run `python -m flows.sync`, then promote")
    reason = f"run {name} is not in this store" if name else "no run is known for this evaluation"
    log(f"{reason} (it came from a cache, or was made untracked): the model is logged anew" + "?" * dry_run)
    if dry_run:
        return EvaluationRun(name, "")
    run_id = log_anew(challenger, parent)
    if source := registry.logged_model(registry.client.get_run(run_id)):
        return EvaluationRun(run_id, source)
    raise UserError(f"MLflow did not take the model of run {run_id}; promote again when it does")


def is_spooled(root: Path, name: str) -> bool:
    """Whether the run waits on disk for `flows.sync`."""
    if name.startswith(PREFIX):
        return (spool_folder(root) / name).is_dir()
    tags = (event.values for run in spooled_runs(root) for event in run.events() if isinstance(event, SetTags))
    return any(values.get(lineage.TAG) == name for values in tags)


def log_anew(challenger: Challenger, parent: str) -> str:
    """A run that stands in for the evaluation's own: its figures, report and model. Returns its id."""
    layout, here = challenger.layout, Path.cwd()
    os.chdir(layout.root)  # the model's code is named below the project's root
    try:
        with runs.start_run(dvc.LAST, challenger.params, layout) as tracker:
            made = challenger.evaluated_by
            tags = {"mlflow.runName": "evaluate (logged anew)", "cached": "true", "source_run": made}
            tags |= {lineage.TAG: made} if made.startswith(lineage.PREFIX) else {}
            tracker.set_tags(tags | ({"mlflow.parentRunId": parent} if parent else {}))
            tracker.log_metrics({key: float(value) for key, value in read_json(layout.metrics(dvc.LAST)).items()})
            tracker.log_artifact(layout.report, "report")
            log_talker(tracker, layout)
    finally:
        os.chdir(here)
    if tracker.run_id is None or tracker.run_id.startswith(PREFIX):
        raise UserError("MLflow stopped answering while the model was logged; promote again when it is back")
    return tracker.run_id
