"""Retrain: preflight, data, both trainings, evaluation, as one Prefect flow over `dvc repro`.

DVC decides what must run; this flow decides when, holds the locks and the GPU slot, retries, and puts every stage under
one parent run in MLflow. Plain `dvc repro` does the same work without a server.

Example: ``python -m flows.retrain``
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.concurrency.sync import concurrency

from components.common import tracking
from components.common.artifacts import read_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params
from flows import dvc
from flows.command import command, exit_code
from flows.locks import exclusive, repository_lock
from flows.setup import setup

GPU_SLOT = "gpu"
LEASE_SECONDS = 60.0  # a killed run gives its slot back after this long
MIN_FREE_GB = 2.0
HEADLINES = 12  # metrics shown in the run's summary


def log_lines() -> Callable[[str], None]:
    """A sink for the lines of a child process: the run's own log."""
    return get_run_logger().info


@task(persist_result=False)
def preflight(root: Path) -> None:
    """Fail in seconds instead of after hours: parameters, free disk, databases."""
    load_params(root / "params.yaml")
    free = shutil.disk_usage(root).free / 1e9
    if free < MIN_FREE_GB:
        raise UserError(f"only {free:.1f} GB free at {root.resolve()}; {MIN_FREE_GB:.0f} GB are needed")
    setup(root)


@task(persist_result=False, retries=1, retry_delay_seconds=10)
def data_stages(root: Path, parent: str) -> dvc.Outcome:
    """Everything before the trainings, in order."""
    return dvc.repro(root, *dvc.PREFIX, on_line=log_lines(), environment=_child(parent))


@task(persist_result=False, retries=1, retry_delay_seconds=10, task_run_name="{stage}")
def training(root: Path, stage: str, parent: str) -> dvc.Outcome:
    """One training, in the GPU slot. A retry goes on from the last checkpoint."""
    with concurrency(GPU_SLOT, lease_duration=LEASE_SECONDS):
        return dvc.repro(root, stage, on_line=log_lines(), single=True, environment=_child(parent))


@task(persist_result=False)
def evaluation(root: Path, parent: str) -> dvc.Outcome:
    """Measure the pair of models."""
    return dvc.repro(root, dvc.LAST, on_line=log_lines(), single=True, environment=_child(parent))


def _child(parent: str) -> dict[str, str]:
    return {"STYLE2TALKER_PARENT_RUN": parent} if parent else {}


def summary(metrics: dict[str, object], outcomes: list[dvc.Outcome]) -> str:
    """Markdown for the run's page: what ran, what came from the cache, the first figures."""
    ran = ", ".join(stage for outcome in outcomes for stage in outcome.ran) or "nothing"
    cached = ", ".join(stage for outcome in outcomes for stage in outcome.cached) or "nothing"
    rows = "\n".join(f"| {name} | {value} |" for name, value in list(metrics.items())[:HEADLINES])
    return f"ran: {ran}  \nfrom the cache: {cached}\n\n| metric | value |\n|---|---|\n{rows}\n"


@flow(name="retrain", persist_result=False)
def retrain(root: str = ".") -> dict[str, object]:
    """Bring every model up to date with code, data and parameters; returns the evaluation's metrics."""
    place = Path(root).resolve()
    logger = get_run_logger()
    with exclusive(repository_lock(place), logger.warning):
        preflight(place)
        with tracking.parent_run("retrain", place) as parent:
            outcomes = [data_stages(place, parent)]
            # Sequential on purpose: the slot admits one training at a time on one GPU.
            outcomes += [training(place, stage, parent) for stage in dvc.TRAININGS]
            outcomes.append(evaluation(place, parent))
            for stage in (name for outcome in outcomes for name in outcome.cached):
                tracking.record_cached(stage, parent, place)
        metrics = read_json(Layout(place).metrics(dvc.LAST))
        create_markdown_artifact(summary(metrics, outcomes), key="retrain", description="What ran, and the result")
    return metrics


def main(arguments: list[str] | None = None) -> int:
    options = command("retrain", __doc__).parse_args(arguments)
    return exit_code(lambda: retrain(options.root))


if __name__ == "__main__":
    sys.exit(main())
