"""Search hyperparameters: each trial trains one stage in its own workspace, under one parent run in MLflow.

Trials are real DVC stages: data come from the cache, so only the training runs. The study lives in a database, so a
killed sweep goes on where it stopped (start it again), and several sweeps may work on one study at once. The best
parameters are shown as a diff of `params.yaml`; only `--apply` writes them.

Example: ``python -m flows.sweep style_e --trials 12 --workers 2``
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.exceptions import FailedRun
from prefect.states import Failed

from components.common.errors import StageError
from flows import notify
from flows.execution import temporary_server
from flows.execution.cli import command, exit_code
from flows.setup import setup
from flows.sweeps import mlflow_trials, optuna_study, study_report
from flows.sweeps.space import load_space, names
from flows.sweeps.trials import Sweep, work


@dataclass(frozen=True)
class Proposal:
    """A sweep's result. diff: the change of `params.yaml` (empty: it holds the best already). note: Markdown."""

    diff: str
    note: str


def run_study(plan: Sweep, apply: bool, log: Callable[[str], None]) -> Proposal:
    """Run the trials and report the study to MLflow, after a failure too: what there is by then. Needs no server."""
    setup(plan.root)
    tracker = mlflow_trials.open_tracker(plan.root, plan.name, plan.space)
    study = plan.open()
    ended_well = False
    try:
        work(plan, tracker, log)
        ended_well = True
    finally:
        note = study_report.note(study, plan.space, plan.name)
        with tempfile.TemporaryDirectory() as folder:
            study_report.write(study, plan.space, plan.root, Path(folder))
            tracker.finish(study_report.summary(study, plan.space), note, Path(folder), ended_well)
    return Proposal(study_report.propose(plan.root, optuna_study.best(study).params, apply), note)


@flow(name="sweep", flow_run_name="sweep of {space}", persist_result=False, **notify.HOOKS)
def sweep(
    space: str = "style_e",
    trials: int = 12,
    study: str = "",
    root: str = ".",
    apply: bool = False,
    workers: int = 1,
    timeout: float | None = None,
    objectives: list[str] | None = None,
) -> Any:
    """Run trials until the study has `trials` complete or pruned ones; returns the proposed diff of `params.yaml`.

    The run ends as Failed, without a traceback, when trial after trial fails.
    """
    plan = Sweep(
        Path(root).resolve(), study or Path(space).stem, load_space(space, objectives or ()), trials, workers, timeout
    )
    logger = get_run_logger()
    try:
        proposal = run_study(plan, apply, logger.info)
    except StageError as error:
        return Failed(message=str(error))
    logger.info("best parameters:\n%s", proposal.diff or "params.yaml already holds them")
    diff = f"```diff\n{proposal.diff}```\n" if proposal.diff else "`params.yaml` holds them already.\n"
    create_markdown_artifact(f"{proposal.note}\n\n{diff}", key="sweep", description="Result of the sweep")
    return proposal.diff


def main(arguments: list[str] | None = None) -> int:
    parser = command("sweep", __doc__)
    parser.add_argument("space", help=f"search space ({', '.join(names())}) or the path of a YAML file")
    parser.add_argument("--trials", type=int, default=12, help="complete or pruned trials the study shall have (12)")
    parser.add_argument("--study", default="", help="name of the study (default: the space's name)")
    parser.add_argument("--workers", type=int, default=1, help="trials at once on this machine (1)")
    parser.add_argument("--timeout", type=float, help="start no trial after so many seconds")
    parser.add_argument(
        "--objectives", nargs="+", metavar="METRIC:DIRECTION", help="instead of the space's: val_loss:minimize ..."
    )
    parser.add_argument("--apply", action="store_true", help="write the best parameters into params.yaml")
    options = parser.parse_args(arguments)

    def run() -> None:
        load_space(options.space, options.objectives or ())  # a mistake shows before a server is asked
        temporary_server.tie()
        state: Any = sweep(
            options.space,
            options.trials,
            options.study,
            options.root,
            options.apply,
            max(1, options.workers),
            options.timeout,
            options.objectives,
            return_state=True,
        )
        try:
            print(state.result() or "params.yaml already holds the best parameters")
        except FailedRun as error:  # the flow has said why
            raise StageError(str(state.message)) from error

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
