"""The result of a study as files: all trials, the front, pictures, and the best parameters as a diff to review."""

from __future__ import annotations

import csv
import difflib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.common.artifacts import atomic
from components.common.params import load_params
from flows.execution import workspace
from flows.sweeps import comparison, optuna_study, study_plots
from flows.sweeps.comparison import Outcome
from flows.sweeps.space import Space


def propose(root: Path, values: Mapping[str, Any], write: bool) -> str:
    """The unified diff that puts `values` into `params.yaml`; applied only when `write`."""
    current = root / "params.yaml"
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(shutil.copy(current, folder))
        workspace.set_parameters(Path(folder), values)
        load_params(draft)
        before, after = current.read_text(encoding="utf-8"), _spaced(draft.read_text(encoding="utf-8"))
    if write and after != before:
        with atomic(current) as temporary:
            temporary.write_text(after, encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), "a/params.yaml", "b/params.yaml")
    return "".join(lines)


def _spaced(text: str) -> str:
    """Comments two spaces behind their values, as the file has them: a longer value leaves one."""
    return re.sub(r"(?m)^(\s+\w+: [^\s'\"#]+) # ", r"\1  # ", text)


def counts(study: Any) -> dict[str, int]:
    """How many trials ended how."""
    return {
        "complete": len(optuna_study.in_state(study, optuna_study.COMPLETE)),
        "pruned": len(optuna_study.in_state(study, optuna_study.PRUNED)),
        "failed": len(optuna_study.in_state(study, optuna_study.FAILED)),
    }


def summary(study: Any, space: Space, outcome: Outcome) -> dict[str, float]:
    """Figures of the study for its parent run."""
    figures = {f"trials/{name}": float(number) for name, number in counts(study).items()}
    for word, trial in (("now", outcome.now), ("best", outcome.best)):
        if trial is not None:
            figures |= {f"{word}/{goal.metric}": v for goal, v in zip(space.objectives, trial.values, strict=True)}
    return figures


def note(study: Any, space: Space, name: str, outcome: Outcome) -> str:
    """Markdown for the head of the parent run's page."""
    goals = ", ".join(f"{goal.direction} `{goal.metric}`" for goal in space.objectives)
    trials = ", ".join(f"{number} {state}" for state, number in counts(study).items())
    lines = [f"Sweep **{name}** of `{space.stage}`: {goals}. Trials: {trials}.", "", f"**{outcome.words}**"]
    if outcome.best is not None and outcome.now is not None:
        lines += ["", f"| parameter | now | trial {outcome.best.number} |", "|---|---|---|"]
        lines += [f"| {key} | {outcome.now.params[key]} | {value} |" for key, value in outcome.best.params.items()]
    return "\n".join([*lines, *comparison.figure_table(outcome, space)])


def write(study: Any, space: Space, root: Path, folder: Path, outcome: Outcome) -> None:
    """Fill `folder`: trials.csv, space.yaml, plots/*.png; params.diff where something is better than now.

    With several objectives also pareto.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = optuna_study.table(study)
    write_rows(folder / "trials.csv", rows)
    with (folder / "space.yaml").open("w", encoding="utf-8") as stream:
        YAML().dump(space.model_dump(mode="json", exclude_defaults=True), stream)
    study_plots.draw(study, folder / "plots")
    front = {trial.number for trial in optuna_study.front(study)}
    if front and len(space.objectives) > 1:
        write_rows(folder / "pareto.csv", [row for row in rows if row["trial"] in front])
    if outcome.winner is not None:
        diff = propose(root, outcome.winner.params, write=False)
        (folder / "params.diff").write_text(diff, encoding="utf-8")


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A CSV with the columns of all rows, in order of first appearance."""
    names = dict.fromkeys(name for row in rows for name in row)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(names), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
