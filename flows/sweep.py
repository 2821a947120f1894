"""Search hyperparameters: each trial trains one stage in its own workspace, under one parent run in MLflow.

Trials are real DVC stages: data come from the cache, so only the training runs. The study lives in a database, so a
killed sweep goes on where it stopped (start it again), and several sweeps may work on one study at once. The present
parameters are the first trial. What is better than they are is shown as a diff of `params.yaml`; only `--apply` writes
it, and never anything else.

Example: ``python -m flows.sweep style_e --timeout 2h --workers 2``
"""

from __future__ import annotations

import re
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

from components.common.errors import StageError, UserError
from flows import notify
from flows.execution import temporary_server
from flows.execution.cli import command, exit_code
from flows.setup import setup
from flows.sweeps import comparison, mlflow_trials, study_report
from flows.sweeps.plan import Sweep
from flows.sweeps.space import load_space, names
from flows.sweeps.sweep_check import check
from flows.sweeps.trials import work

TRIALS = 12  # unless a number or a time is given
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Proposal:
    """A sweep's result. words: "better than now by ..." or "nothing better than now". note: Markdown.

    diff: the change of `params.yaml`; empty where nothing is better.
    """

    words: str
    diff: str
    note: str


def run_study(plan: Sweep, apply: bool, log: Callable[[str], None]) -> Proposal:
    """Run the trials and report the study to MLflow, after a failure too: what there is by then. Needs no server."""
    check(plan)
    setup(plan.root)
    tracker = mlflow_trials.open_tracker(plan.root, plan.study, plan.space)
    study = plan.open()
    ended_well = False
    try:
        work(plan, tracker, log)
        ended_well = True
    finally:
        outcome = comparison.judge(study, plan.space, plan.present)
        note = study_report.note(study, plan.space, plan.study, outcome)
        with tempfile.TemporaryDirectory() as folder:
            study_report.write(study, plan.space, plan.root, Path(folder), outcome)
            figures = study_report.summary(study, plan.space, outcome)
            tracker.finish(figures, note, Path(folder), ended_well)
    winner = outcome.winner
    return Proposal(outcome.words, study_report.propose(plan.root, winner.params, apply) if winner else "", note)


def seconds(text: str) -> float:
    """A span such as 2h, 90m or 45s in seconds.

    Raises:
        UserError: it is none; a bare number could mean any of them.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if match is None:
        raise UserError(f"--timeout {text}: give a time with its unit, such as 2h, 90m or 45s")
    return float(match[1]) * UNITS[match[2]]


@flow(name="sweep", flow_run_name="sweep of {space}", persist_result=False, **notify.HOOKS)
def sweep(
    space: str = "style_e",
    trials: int | None = None,
    study: str = "",
    root: str = ".",
    apply: bool = False,
    workers: int = 1,
    timeout: str = "",
    objectives: list[str] | None = None,
) -> Any:
    """Run trials until the study has `trials` complete or pruned ones, or for the time given ("2h").

    Returns what is better than now and the diff of `params.yaml` for it. The run ends as Failed, without a traceback,
    when trial after trial fails.
    """
    plan = make_plan(space, trials, study, root, workers, timeout, objectives)
    logger = get_run_logger()
    try:
        proposal = run_study(plan, apply, logger.info)
    except StageError as error:
        return Failed(message=str(error))
    logger.info(proposal.words)
    diff = f"\n\n```diff\n{proposal.diff}```\n" if proposal.diff else "\n"
    create_markdown_artifact(f"{proposal.note}{diff}", key="sweep", description="Result of the sweep")
    applied = "\nwritten into params.yaml; `dvc repro` takes the trained model from the cache" if apply else ""
    return f"{proposal.words}\n{proposal.diff}{applied}".rstrip() if proposal.diff else proposal.words


def make_plan(
    space: str,
    trials: int | None,
    study: str,
    root: str,
    workers: int,
    timeout: str,
    objectives: list[str] | None,
) -> Sweep:
    """A sweep from what people write. Without a number of trials the time is the limit, without both `TRIALS` are."""
    limit = seconds(timeout) if timeout else None
    number = TRIALS if trials is None and limit is None else trials
    searched = load_space(space, objectives or ())
    return Sweep(Path(root).resolve(), study or Path(space).stem, searched, number, workers, limit)


def main(arguments: list[str] | None = None) -> int:
    parser = command("sweep", __doc__)
    parser.add_argument("space", help=f"search space ({', '.join(names())}) or the path of a YAML file")
    parser.add_argument("--trials", type=int, help="complete or pruned trials the study shall have (12)")
    parser.add_argument("--timeout", default="", metavar="TIME", help="start no trial after 2h, 90m, 45s")
    parser.add_argument("--study", default="", help="first part of the study's name (default: the space's name)")
    parser.add_argument("--workers", type=int, default=1, help="trials at once on this machine (1)")
    parser.add_argument(
        "--objectives", nargs="+", metavar="METRIC:DIRECTION", help="instead of the space's: val_loss:minimize ..."
    )
    parser.add_argument("--apply", action="store_true", help="write what is better than now into params.yaml")
    options = parser.parse_args(arguments)

    def run() -> None:
        asked = (options.space, options.trials, options.study, options.root)
        how = (options.workers, options.timeout, options.objectives)
        check(make_plan(*asked, *how))  # a mistake shows before a server is asked
        temporary_server.tie()
        state: Any = sweep(*asked, options.apply, *how, return_state=True)
        try:
            print(state.result())
        except FailedRun as error:  # the flow has said why
            raise StageError(str(state.message)) from error

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
