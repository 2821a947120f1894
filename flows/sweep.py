"""Search hyperparameters: each trial trains one stage in its own workspace, under one parent run in MLflow.

Trials are real DVC stages: data come from the cache, so only the training runs. The study lives in a database, so a
killed sweep goes on where it stopped, and several sweeps may work on one study at once. The best parameters are shown
as a diff of `params.yaml`; only `--apply` writes them.

Example: ``python -m flows.sweep style_e --trials 12``
"""

from __future__ import annotations

import csv
import difflib
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger

from components.common import tracking
from components.common.artifacts import read_json
from components.common.layout import Layout
from components.common.params import load_params
from flows import dvc, search, workspace
from flows.command import command, exit_code
from flows.setup import optuna_uri, setup

WORKSPACES = ".sweeps"


class PlotReader:
    """Rows of a growing CSV that were not seen yet, as (step, value) pairs of one column."""

    def __init__(self, path: Path, column: str) -> None:
        self._path = path
        self._column = column
        self._last = -1

    def new(self) -> list[tuple[int, float]]:
        if not self._path.is_file():
            return []
        with self._path.open(newline="") as stream:
            rows = [(row.get("step"), row.get(self._column)) for row in csv.DictReader(stream)]
        # The last line of a file being written may be cut; it is whole the next time.
        values = [(int(float(step)), float(value)) for step, value in rows if step and value]
        fresh = [(step, value) for step, value in values if step > self._last]
        self._last = max([self._last, *(step for step, _ in fresh)])
        return fresh


def objective(root: Path, name: str, space: search.Space, parent: str, log: Callable[[str], None]) -> Any:
    """The function Optuna minimizes: train in a workspace, feed the pruner, return the objectives."""

    def run(trial: Any) -> tuple[float, ...]:
        folder = workspace.create(root, root / WORKSPACES / name / f"{trial.number:04d}", space.stage)
        values = search.suggest(trial, space)
        workspace.set_parameters(folder, values)
        load_params(folder / "params.yaml")
        log(f"trial {trial.number}: " + ", ".join(f"{key}={value:.4g}" for key, value in values.items()))
        tick = _pruning_tick(trial, space, folder)
        environment = {
            "MLFLOW_TRACKING_URI": tracking.store_uri(root),
            "STYLE2TALKER_PARENT_RUN": parent,
            "STYLE2TALKER_RUN_NAME": f"trial {trial.number}",
        }
        try:
            dvc.repro(folder, space.stage, on_line=log, single=True, environment=environment, on_tick=tick)
            metrics = read_json(Layout(folder).metrics(space.stage))
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # models stay in the shared cache
        return tuple(float(metrics[goal.metric]) for goal in space.objectives)

    return run


def _pruning_tick(trial: Any, space: search.Space, folder: Path) -> Callable[[], None]:
    if space.report is None or len(space.objectives) > 1:
        return lambda: None
    reader = PlotReader(Layout(folder).plots(space.report.plots), space.report.column)

    def tick() -> None:
        for step, value in reader.new():
            search.report(trial, step, value)

    return tick


def propose(root: Path, values: Mapping[str, Any], write: bool) -> str:
    """The unified diff that puts `values` into `params.yaml`; applied only when `write`."""
    current = root / "params.yaml"
    draft = root / WORKSPACES / "proposal"
    draft.mkdir(parents=True, exist_ok=True)
    shutil.copy(current, draft / "params.yaml")
    workspace.set_parameters(draft, values)
    load_params(draft / "params.yaml")
    before, after = current.read_text().splitlines(True), (draft / "params.yaml").read_text().splitlines(True)
    if write:
        (draft / "params.yaml").replace(current)
    return "".join(difflib.unified_diff(before, after, "params.yaml", "params.yaml (best trial)"))


@flow(name="sweep", persist_result=False)
def sweep(space: str = "style_e", trials: int = 12, study: str = "", root: str = ".", apply: bool = False) -> str:
    """Run trials until the study has `trials` complete or pruned ones; returns the proposed diff of `params.yaml`."""
    place = Path(root).resolve()
    logger = get_run_logger()
    setup(place)
    wanted = search.load_space(space)
    name = study or space
    opened = search.open_study(name, wanted, optuna_uri(place), load_params(place / "params.yaml").runtime.seed)
    with tracking.parent_run(f"sweep {name}", place) as parent:
        search.run_trials(opened, objective(place, name, wanted, parent, logger.info), trials)
    diff = propose(place, search.best(opened), apply)
    logger.info("best parameters:\n%s", diff or "params.yaml already holds them")
    return diff


def main(arguments: list[str] | None = None) -> int:
    parser = command("sweep", __doc__)
    parser.add_argument("space", help=f"search space: {', '.join(search.names())}")
    parser.add_argument("--trials", type=int, default=12, help="complete or pruned trials the study shall have")
    parser.add_argument("--study", default="", help="name of the study (default: the space's name)")
    parser.add_argument("--apply", action="store_true", help="write the best parameters into params.yaml")
    options = parser.parse_args(arguments)

    def work() -> None:
        search.load_space(options.space)
        print(sweep(options.space, options.trials, options.study, options.root, options.apply))

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
