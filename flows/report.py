"""Write the evaluation's page with what changes without its figures: run, commit, date, parameters, champion.

The report that the stage leaves repeats byte by byte, so it names none of these. The copy, `out/report/index.html`,
shows the same videos. The main figures are printed, too: `dvc metrics show` is a hundred columns wide.

Example: ``python -m flows.report --all``
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.runner import git, lineage
from components.runner.dvc_lock import DvcLock
from components.runner.tracking.provenance import source_tags
from components.runner.tracking.runs import flatten
from evaluation.metrics.registry import METRICS
from evaluation.report.report import CEILINGS, HEADLINES, row, write_report
from evaluation.summary.results import FILE, Results, Summary
from flows.execution.cli import command, exit_code
from flows.promotion.model_registry import CHAMPION, ModelRegistry, ModelVersion, mlflow_errors

PAGE = Path("out") / "report"
UNKNOWN = "not in git"


def write(root: Path) -> Path:
    """The page with its facts; returns it. Raises `UserError` where there is no evaluation yet."""
    layout = Layout(root)
    if not (layout.report / FILE).is_file():
        raise UserError(f"{layout.report / FILE} is missing; run `dvc repro` first")
    results = Results.load(layout.report)
    folder = root / PAGE
    folder.mkdir(parents=True, exist_ok=True)
    return write_report(results, folder, f"{os.path.relpath(layout.report, folder)}/", facts(root))


def facts(root: Path) -> dict[str, str]:
    """What the figures do not tell, in the order of the page. Where MLflow does not answer it says so."""
    lock = DvcLock.read(root)
    made_by = lineage.read(Layout(root), "evaluate")  # "" where nobody tracked it
    made = datetime.fromtimestamp((Layout(root).report / FILE).stat().st_mtime, UTC)
    source: Mapping[str, str] = source_tags(root)
    run_name, champion = made_by or "not tracked", "none"
    try:
        registry = ModelRegistry.open(root)
        with mlflow_errors(registry.uri):
            run, version = registry.run(made_by) if made_by else None, registry.version(CHAMPION)
        if run is not None:
            run_name = f"{run.info.run_name} ({run.info.run_id})"
            source, made = run.data.tags, datetime.fromtimestamp(run.info.start_time / 1000, UTC)
        if version is not None:
            champion = name_champion(version, lock)
    except UserError as error:
        champion = f"unknown: {error}"
    return {
        "Run": run_name,
        "Commit": commit(source),
        "Made": f"{made:%Y-%m-%d %H:%M} UTC",
        "Parameters": ", ".join(changed(lock)) or "all at their defaults",
        "Champion": champion,
    }


def commit(tags: Mapping[str, str]) -> str:
    """A commit in words, from the tags of a run."""
    if (known := tags.get("git.commit", "")) in ("", git.UNKNOWN):
        return UNKNOWN
    return known[:12] + (" with uncommitted changes" if tags.get("git.dirty") == "true" else "")


def changed(lock: DvcLock) -> list[str]:
    """The parameters that the stages ran with and that are not the defaults, as `name value (default)`."""
    defaults = flatten(Params().model_dump(mode="json"))
    used: dict[str, Any] = {}
    for stage in lock.stages.values():
        used |= flatten(stage.params)
    return [
        f"{name} {value} ({defaults[name]})"
        for name, value in sorted(used.items())
        if name in defaults and value != defaults[name]
    ]


def name_champion(version: ModelVersion, lock: DvcLock) -> str:
    """Whether the page is about the champion's own bytes."""
    same = bool(version.models) and all(lock.outs.get(path) == md5 for path, md5 in version.models.items())
    return f"version {version.number}: " + ("these very models" if same else f"other models, of run {version.run_id}")


def lines(summary: Summary, everything: bool) -> list[str]:
    """A line for each figure: name, value, interval, cases; judges with what they say of the true videos."""
    names = [name for name in (METRICS if everything else HEADLINES) if name in summary]
    found = []
    for name in names:
        each = row(METRICS[name], summary[name], summary.get(CEILINGS.get(name, "")))
        value = f"{each.value} of {each.ceiling}" if each.ceiling else each.value
        found.append(f"{name:<46} {value:<16} {each.low} … {each.high}  n={each.count}")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = command("report", __doc__)
    parser.add_argument("--all", action="store_true", help="print every figure, not the main ones alone")
    options = parser.parse_args(arguments)

    def work() -> None:
        root = Path(options.root)
        page = write(root)
        print("\n".join(lines(Results.load(Layout(root).report).summary, options.all)))
        print(f"report: {page}")

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
