"""Retrain: preflight, data, both trainings, evaluation, gate and promotion, as one Prefect flow over `dvc repro`.

DVC decides what must run; this flow decides when, holds the locks and the GPU slot, retries, and puts every stage under
one parent run in MLflow. Plain `dvc repro` does the same training without a server. When MLflow is down the training is
done all the same; the promotion is then refused, in one line and by the exit code.

Example: ``python -m flows.retrain``
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.concurrency.sync import concurrency
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL

from components.common.artifacts import read_json
from components.common.environment import PARENT_RUN
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params
from components.runner import git
from components.runner.dvc_lock import DvcLock
from components.runner.tracking import runs
from components.runner.tracking.provenance import source_tags
from evaluation.report.report import HEADLINES
from flows import changes, notify
from flows.execution import dvc, temporary_server
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive, repository_lock
from flows.execution.processes import stream
from flows.promotion import promotion
from flows.promotion.model_registry import Promotion

GPU_SLOT = "gpu"
LEASE_SECONDS = 60.0  # a killed run gives its slot back after this long
MIN_FREE_GB = 2.0
MLFLOW_SECONDS = "30"  # for one request
RUN_NAME = "mlflow.runName"


def log_lines() -> Callable[[str], None]:
    """A sink for the lines of a child process: the run's own log."""
    return get_run_logger().info


@task(persist_result=False)
def preflight(root: Path) -> None:
    """Fail in seconds instead of after hours: parameters, footage, free disk, databases."""
    footage = root / load_params(root / "params.yaml").prepare.path
    if not footage.is_dir():  # DVC would remove the prepared data before it notices
        raise UserError(f"prepare.path: {footage} is not a folder")
    free = shutil.disk_usage(root).free / 1e9
    if free < MIN_FREE_GB:
        raise UserError(f"only {free:.1f} GB free at {root.resolve()}; {MIN_FREE_GB:.0f} GB are needed")
    try:
        if not runs.switched_off():
            runs.connect(root)
    except UserError as error:
        get_run_logger().warning("%s; training goes on, its record waits on disk, promotion will be refused", error)


@task(persist_result=False)
def foresee(root: Path) -> None:
    """Say before the training what will refuse the promotion after it, so that it can be mended meanwhile."""
    try:
        git.head(root)
    except UserError as error:
        get_run_logger().warning("%s; until then promotion will be refused", error)


@task(persist_result=False)
def nothing_to_do(root: Path) -> bool:
    """One question to DVC, so that a run which finds all as it was neither starts it four times nor takes the slot."""
    return dvc.up_to_date(root)


@task(persist_result=False, retries=1, retry_delay_seconds=10)
def data_stages(root: Path, parent: str) -> dvc.Outcome:
    """Everything before the trainings, in order."""
    return dvc.repro(root, *dvc.PREFIX, on_line=log_lines(), environment=_child(parent))


@task(persist_result=False, retries=1, retry_delay_seconds=10, task_run_name="{stage}")
def training(root: Path, stage: str, parent: str) -> dvc.Outcome:
    """One training, in the GPU slot. A retry goes on from the last checkpoint."""
    with slot():
        return dvc.repro(root, stage, on_line=log_lines(), single=True, environment=_child(parent))


def slot() -> AbstractContextManager[object]:
    """The GPU's slot on the server. A temporary server has none, and nobody to share it with: stages take turns."""
    served = bool(PREFECT_API_URL.value())
    return concurrency(GPU_SLOT, lease_duration=LEASE_SECONDS) if served else nullcontext()


@task(persist_result=False)
def evaluation(root: Path, parent: str) -> dvc.Outcome:
    """Measure the pair of models."""
    return dvc.repro(root, dvc.LAST, on_line=log_lines(), single=True, environment=_child(parent))


@task(persist_result=False, name="promote")
def promotion_of(root: Path, parent: str) -> Promotion:
    """Gate and aliases."""
    return promotion.promote(root, log_lines(), parent=parent)


@task(persist_result=False, retries=2, retry_delay_seconds=20)
def push(root: Path) -> None:
    """Data and models to the remote."""
    stream([dvc.executable(), "push"], log_lines(), cwd=root)


def _child(parent: str) -> dict[str, str]:
    return {PARENT_RUN.name: parent} if parent else {}


def summary(metrics: Mapping[str, object], outcomes: Sequence[dvc.Outcome], decision: str, page: str) -> str:
    """Markdown for the run's page: the decision, what ran, what came from the cache, the first figures.

    page: address of the run in MLflow, or its id.
    """
    ran = ", ".join(stage for outcome in outcomes for stage in outcome.ran) or "nothing"
    cached = ", ".join(stage for outcome in outcomes for stage in outcome.cached) or "nothing"
    rows = "\n".join(f"| {name} | {metrics[name]} |" for name in HEADLINES if name in metrics)
    lines = f"decision: {decision}  \nran: {ran}  \nfrom the cache: {cached}  \nMLflow: {page or 'not tracked'}"
    return f"{lines}\n\n| metric | value |\n|---|---|\n{rows}\n"


def page_of(root: Path, run_id: str) -> str:
    """Where a browser shows a run; its id where there is no server."""
    uri = runs.store_uri(root)
    if not run_id or not uri.is_server:
        return run_id
    try:
        _, experiment = runs.connect(root)
    except UserError:
        return run_id
    return f"{str(uri).rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"


def run_name() -> str:
    """What is new since the last retraining."""
    return changes.title(Path(str(flow_run.parameters.get("root", "."))).resolve())


def bring_up_to_date(root: Path, parent: str) -> list[dvc.Outcome]:
    """All stages; those that had nothing to do are recorded under the parent with the run that made their outputs."""
    outcomes: list[dvc.Outcome] = []
    if nothing_to_do(root):
        get_run_logger().info("every stage is up to date")
    else:
        outcomes.append(data_stages(root, parent))
        # Sequential on purpose: the slot admits one training at a time on one GPU.
        outcomes += [training(root, stage, parent) for stage in dvc.TRAININGS]
        outcomes.append(evaluation(root, parent))
    ran = {stage for outcome in outcomes for stage in outcome.ran}
    stages = (*dvc.PREFIX, *dvc.TRAININGS, dvc.LAST)
    runs.record_cached([stage for stage in stages if stage not in ran], parent, root)
    return outcomes


@flow(name="retrain", flow_run_name=run_name, persist_result=False, **notify.HOOKS)
def retrain(root: str = ".", promote: bool = True, push_data: bool = False) -> dict[str, object]:
    """Bring every model up to date with code, data and parameters, and make them the champion if they are better.

    Returns the decision, the evaluation's metrics (headlines first) and where to see more. A promotion that is refused
    (not: decided against) fails the flow after the training is done and recorded. push_data: send data and models to
    the DVC remote at the end.
    """
    place = Path(root).resolve()
    logger = get_run_logger()
    # Two servers and a training share the machine here: a slow answer is no dead server. Stages inherit this.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", MLFLOW_SECONDS)
    refusal: UserError | None = None
    with exclusive(repository_lock(place), logger.warning):
        preflight(place)
        if promote:
            foresee(place)
        params = load_params(place / "params.yaml")
        with runs.start_run("retrain", params, Layout(place), kind="retrain") as tracker:
            parent = tracker.run_id or ""
            title = str(flow_run.name or changes.UNKNOWN)
            sources = changes.Sources.read(place).tag()
            tracker.set_tags({RUN_NAME: title, "changed": changes.brief(title), changes.TAG: sources})
            outcomes = bring_up_to_date(place, parent)
            metrics = read_json(Layout(place).metrics(dvc.LAST))
            figures = {name: float(metrics[name]) for name in (*HEADLINES, *metrics) if name in metrics}
            tracker.log_metrics(figures)
            outs = DvcLock.read(place).outs
            tracker.log_inputs({path: outs[path] for path in outs if path.startswith("data/")}, "training")
            tracker.set_tags({"dvc.lock.md5": source_tags(place)["dvc.lock.md5"]})
            decision = "trained: promotion was switched off"
            if promote:
                try:
                    outcome = promotion_of(place, parent)
                    decision = f"{outcome.decision}: {outcome.summary}"
                except UserError as error:
                    refusal = error
                    decision = f"refused: {error}"
            tracker.set_tags({"decision": decision.split(":")[0], "decision.summary": decision[:4000]})
        address = page_of(place, parent)
        page = summary(metrics, outcomes, decision, address)
        create_markdown_artifact(page, key="retrain", description="What ran, and the result")
        if push_data:
            push(place)
    logger.info(decision)
    if refusal is not None:
        raise UserError(f"trained and measured, but not promoted: {refusal}") from refusal
    return {"decision": decision, **figures, "MLflow": address, "report": str(Layout(place).report / "index.html")}


def main(arguments: list[str] | None = None) -> int:
    parser = command("retrain", __doc__)
    parser.add_argument("--no-promote", action="store_true", help="train and measure only")
    parser.add_argument("--push", action="store_true", help="send data and models to the DVC remote at the end")
    options = parser.parse_args(arguments)
    temporary_server.tie()
    return exit_code(lambda: retrain(options.root, not options.no_promote, options.push))


if __name__ == "__main__":
    sys.exit(main())
