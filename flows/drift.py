"""Is new footage of another kind than the footage the models were trained on? Exit code 0: no, 3: yes.

The folder is read as any footage is (face crops, coefficients, emotions) in a workspace of its own, and compared with
the project's data: motion, sound, pictures, emotions. The reasons are printed; a page and `drift.json` with every
figure go to `out/drift/` and to MLflow. With `--retrain`, drift starts a retraining that includes the new footage.

Example: ``python -m flows.drift footage/2026-11 --retrain``
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from components.common.environment import TRACKING
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params
from components.runner.code_identity import dvc_md5
from components.runner.dvc_lock import DvcLock
from components.runner.tracking import runs
from flows import notify
from flows.execution import temporary_server, workspace
from flows.execution.cli import command, exit_code
from flows.execution.locks import exclusive, repository_lock
from flows.execution.processes import stream
from flows.setup import setup

EXIT_DRIFT = 3
STAGES = ("components.corpus.stage", "components.coefficients.extract_stage", "components.annotate.stage")
DATA = ("data/prepared", "data/coefficients", "data/annotations")
CODE = Path(__file__).parents[1]
MEASURE = ("components/common", "components/annotate", "evaluation/drift")  # code that turns clips into figures
LIBRARIES = ("librosa", "numpy", "opencv-python-headless")
RETRAIN = "retrain/nightly"  # deployment that a server is asked to run
MEAD = "**/video/front/*/level_*"


def read_new(root: Path, folder: Path, log: Callable[[str], None]) -> Any:
    """Figures of the footage in `folder`, read by the project's own stages in a workspace of its own."""
    from evaluation.drift.figures import measure_footage

    home = root / ".sweeps" / "drift"
    workspace.sweep_up(home)
    with workspace.claimed(home / str(os.getpid())) as place:
        workspace.bare(root, place, "models/regressor")
        values = {
            "prepare.source": "mead" if any(folder.glob(MEAD)) else "folder",
            "prepare.path": str(folder),
            "prepare.max_quarantine": 1.0,  # what cannot be used is a finding here, not a failure
            "annotate.writer": "grammar",  # only the emotion counts, not the wording
            "annotate.ranker": "sentence",
        }
        workspace.set_parameters(place, values)
        for stage in STAGES:
            stream([sys.executable, "-m", stage], log, cwd=place, environment={TRACKING.name: "off"})
        return measure_footage(Layout(place), load_params(place / "params.yaml").runtime.workers)


def read_training(root: Path, log: Callable[[str], None]) -> Any:
    """Figures of the project's data, kept in `.cache/drift` under hashes of the data and of what measures them.

    Raises `UserError` where the data are not those of `dvc.lock`: their figures would be kept under another's name.
    """
    from evaluation.drift.figures import Footage, measure_footage

    outs = DvcLock.read(root).outs
    if missing := [path for path in DATA if path not in outs]:
        raise UserError(f"{missing[0]} was never made here; run `dvc repro` first")
    data = {path: outs[path] for path in DATA}
    figures = root / ".cache" / "drift" / f"{kept_as(data)}.safetensors"
    if figures.is_file():
        try:
            return Footage.load(figures)
        except UserError:
            figures.unlink()  # damaged: what can be measured again is no reason to stop
    with exclusive(repository_lock(root), log):
        for path, md5 in data.items():
            if dvc_md5(root / path) != md5:
                raise UserError(f"{path} is not what dvc.lock says; put it right: dvc checkout --force {path}")
        measure_footage(Layout(root), load_params(root / "params.yaml").runtime.workers).save(figures)
    return Footage.load(figures)


def kept_as(data: Mapping[str, str], code: Path = CODE) -> str:
    """16 hex digits over data (path -> md5), the code that measures them and the libraries that it does so with."""
    measure = {path: dvc_md5(code / path) for path in MEASURE}
    libraries = {name: metadata.version(name) for name in LIBRARIES}
    return hashlib.sha256(json.dumps([dict(data), measure, libraries], sort_keys=True).encode()).hexdigest()[:16]


def check(root: Path, folder: Path, log: Callable[[str], None]) -> Any:
    """Compare, write the page, record the run; returns the verdict (a `Drift`). Needs no server."""
    from evaluation.drift.comparison import compare
    from evaluation.drift.drift_page import write_drift

    setup(root)
    params = load_params(root / "params.yaml")
    training = read_training(root, log)
    new = read_new(root, folder, log)
    verdict = compare(training, new, seed=params.runtime.seed)
    report = root / "out" / "drift" / folder.name
    page = write_drift(verdict, training, new, report)
    with runs.start_run("drift", params, Layout(root), kind="drift") as tracker:
        tracker.log_metrics({f"drift/{change.name}": change.strength for change in verdict.changes if change.drifted})
        count = sum(change.drifted for change in verdict.changes)
        tracker.log_metrics({"drifted": float(verdict.drifted), "figures_drifted": count})
        tracker.log_artifact(report, "drift")
        reasons = "; ".join(verdict.reasons)
        tracker.set_tags({"drift": str(verdict.drifted).lower(), "footage": folder.name, "reasons": reasons[:4000]})
    log(f"report: {page}")
    return verdict


def refuse(root: Path, folder: Path, retrain: bool) -> None:
    """What cannot work: no such folder, or a retraining that would not see the new footage."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder")
    params = load_params(root / "params.yaml")
    if not retrain:
        return
    home = (root / params.prepare.path).resolve()
    if params.prepare.source == "synthetic":
        raise UserError("--retrain: prepare.source is synthetic, so a retraining would not see the new footage")
    if not folder.is_relative_to(home):
        raise UserError(f"--retrain: {folder} is not below prepare.path ({home}), so a retraining would not see it")


def start_retraining(root: Path, log: Callable[[str], None]) -> str:
    """Retrain, with what is below `prepare.path` now: on a worker where a Prefect server is configured, else here."""
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        stream([sys.executable, "-m", "flows.retrain", "--root", str(root)], log, cwd=root)
        return "retrained"
    try:
        run: Any = run_deployment(RETRAIN, parameters={"root": str(root)}, timeout=0, as_subflow=False)
    except ObjectNotFound as error:
        raise UserError(f"the Prefect server has no deployment {RETRAIN}; register it with `make stack`") from error
    return f"retraining scheduled as flow run {run.name}"


@flow(name="drift", flow_run_name="drift of {folder}", persist_result=False, **notify.HOOKS)
def drift(folder: str, root: str = ".", retrain: bool = False) -> State[Any]:
    """Check a folder of new footage; the run's state is named `Drift` or `No drift`.

    retrain: on drift, start a retraining; the folder must lie below `prepare.path`.
    """
    place, footage = Path(root).resolve(), Path(folder).expanduser().resolve()
    logger = get_run_logger()
    refuse(place, footage, retrain)
    verdict = check(place, footage, logger.info)
    lines = "\n".join(f"- {reason}" for reason in verdict.reasons) or "The new footage is of the same kind."
    create_markdown_artifact(
        f"**{footage.name}**\n\n{lines}\n", key="drift", description="New footage against training"
    )
    for reason in verdict.reasons:
        logger.warning("drift: %s", reason)
    if not verdict.drifted:
        return Completed(name="No drift", message="the new footage is of the same kind")
    consequence = start_retraining(place, logger.info) if retrain else "no retraining asked for"
    return Completed(name="Drift", message=f"{'; '.join(verdict.reasons)} ({consequence})")


def main(arguments: list[str] | None = None) -> int:
    parser = command("drift", __doc__)
    parser.add_argument("folder", help="new footage: any folder of videos, or an unpacked part of MEAD")
    parser.add_argument("--retrain", action="store_true", help="on drift, retrain with the new footage")
    options = parser.parse_args(arguments)
    states: list[State[Any]] = []

    def work() -> None:
        refuse(Path(options.root).resolve(), Path(options.folder).expanduser().resolve(), options.retrain)
        temporary_server.tie()
        state: Any = drift(options.folder, options.root, options.retrain, return_state=True)
        state.result()  # raises what the flow raised
        states.append(state)
        print(f"{state.name}: {state.message}")

    return exit_code(work) or (EXIT_DRIFT if states[0].name == "Drift" else 0)


if __name__ == "__main__":
    sys.exit(main())
