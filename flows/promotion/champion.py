"""The champion's figures on the challenger's set of cases: as they were stored, or measured now.

Figures compare only on one set (`Results.frozen`). A set changes with the cases and with the code that measures them;
then this code measures the champion's own model files, whatever code once made them. Files that it cannot read any
more are refused in one line.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from components.common.environment import TRACKING
from components.common.errors import UserError
from components.runner.code_identity import code_identity
from evaluation.summary.results import FILE, Results
from flows.execution import dvc, workspace
from flows.execution.processes import CommandError, stream
from flows.promotion import verify
from flows.promotion.model_registry import ModelRegistry, ModelVersion

REPORT = "report"  # folder of an evaluation in its run's artifacts
MEASURED = "measured"  # folder of evaluations of a champion on later sets
WAY_OUT = "to go by the bounds alone: python -m flows.promote --bounds-only"


def results_on(
    frozen: str, champion: ModelVersion, registry: ModelRegistry, root: Path, scratch: Path,
    log: Callable[[str], None], dry_run: bool,
) -> Results:  # fmt: skip
    """The champion's results on the set `frozen`. What had to be measured is kept in the champion's run.

    root: the project whose code and data measure. scratch: a folder for downloads.
    """
    measured = f"{MEASURED}/{frozen}-{code_identity(root, dvc.LAST)[:8]}"  # by this very code
    if stored := stored_results(frozen, champion, registry, scratch / "champion", measured):
        return stored
    log(f"version {champion.number} was measured on another set; measuring it on {frozen}, as long as an evaluation")
    results = measure(root, fetch_files(champion, registry, scratch / "rival"), log)
    if results.frozen != frozen:
        raise UserError(
            f"reports/ is of the set {frozen}, the code here makes {results.frozen}; run `dvc repro evaluate`"
        )
    if not dry_run:
        folder = scratch / MEASURED
        folder.mkdir()
        results.save(folder)
        registry.client.log_artifacts(champion.run_id, str(folder), measured)
    return results


def stored_results(
    frozen: str, champion: ModelVersion, registry: ModelRegistry, folder: Path, measured: str
) -> Results | None:
    """Results on the set `frozen` among the artifacts of the champion's run: its own report, or what was `measured`.

    None where there are none, or only in an older version of the format, which cannot be compared.
    """
    for number, path in enumerate((REPORT, measured)):
        artifact = registry.fetch(champion.run_id, f"{path}/{FILE}", folder / str(number))
        try:
            if artifact is not None and (results := Results.load(artifact.parent)).frozen == frozen:
                return results
        except UserError:
            continue
    return None


def fetch_files(champion: ModelVersion, registry: ModelRegistry, folder: Path) -> Path:
    """The champion's logged model. Raises `UserError` where it is not what was registered.

    MLflow gives an empty folder, and no error, where the files of a model are gone.
    """
    model = registry.fetch_model(champion.source, folder)
    try:
        if champion.models.keys() != set(verify.MODELS):
            raise UserError(f"version {champion.number} was not registered by a promotion: it carries no hashes")
        verify.logged(model, champion.models, f"version {champion.number}")
    except UserError as error:
        raise UserError(f"the champion cannot be measured ({error}); {WAY_OUT}") from error
    return model


def measure(root: Path, model: Path, log: Callable[[str], None]) -> Results:
    """Evaluate a downloaded model on the workspace's own evaluation set, away from the workspace.

    Raises `UserError` when the evaluation ends with an error, such as files that this code cannot read.
    """
    with workspace.claimed(root / ".sweeps" / "champion" / str(os.getpid())) as folder:
        workspace.create(root, folder, dvc.LAST)
        for path in verify.MODELS:
            shutil.rmtree(folder / path, ignore_errors=True)
            shutil.copytree(model / "artifacts" / Path(path).name, folder / path)
        try:
            stream(
                [sys.executable, "-m", "evaluation.stage"],
                log,
                cwd=folder,
                environment={TRACKING.name: "off", "PYTHONUNBUFFERED": "1"},
            )
        except CommandError as error:
            raise UserError(
                f"the champion cannot be measured by this code ({error.tail[-1] if error.tail else error}); {WAY_OUT}"
            ) from error
        return Results.load(folder / "reports")
