"""Promotion, step by step: nothing moves until every check holds, and the champion always has a name.

The challenger is the model that `evaluate` logged. Its bytes are compared with `dvc.lock` in the workspace, in DVC's
cache and in MLflow; it is loaded elsewhere and answers a request; then the gate compares it with the champion on one
frozen set of cases. Only then a version is registered and the aliases move.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from components.common.artifacts import read_json, write_json
from components.common.environment import TRACKING
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import load_params
from components.runner.tracking import runs
from evaluation import gate
from evaluation.summary.results import FILE, Results
from flows.execution import workspace
from flows.execution.processes import CommandError, stream
from flows.promotion import snapshot, verify
from flows.promotion.model_card import card
from flows.promotion.model_registry import (
    ANSWERED_BYTES,
    ANSWERED_IN,
    CHAMPION,
    MD5,
    Promotion,
    Registry,
    Version,
    answered,
)

Log = Callable[[str], None]
REPORT = f"report/{FILE}"  # where the evaluation lies in its run's artifacts
MEASURED = "measured"  # folder of evaluations of a champion on later sets


def promote(root: Path, log: Log, dry_run: bool = False, bounds_only: bool = False, parent: str = "") -> Promotion:
    """Compare the workspace's models with the champion and, if the gate lets them, make them the champion.

    dry_run: every check and the decision, but nothing is written. bounds_only: do not compare with the champion (for a
    change that makes old models unmeasurable). parent: the run of the flow that asks. Raises `UserError` in one line
    when anything does not hold.
    """
    registry = Registry.open(root)
    with answered(registry.uri), tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        hashes = verify.models(root)
        verify.sources(root)
        results = Results.load(Layout(root).report)
        champion = registry.version(CHAMPION)
        log("models, report, cache, code and parameters are those of dvc.lock")
        if champion is not None and {path: champion.tags.get(MD5 + path) for path in hashes} == hashes:
            summary = f"version {champion.number} is champion already, with these very models"
            return Promotion("kept", summary, champion.number, champion.run_id)
        run_id, source = _challenger(root, registry, log, dry_run, parent)
        answered_bytes = ""
        if source:
            folder = registry.fetch_model(source, Path(scratch) / "challenger")
            verify.logged(folder, hashes, f"the logged model {source}")
            verify.answers(folder, f"the logged model {source}")
            answered_bytes = verify.digest(folder)
            log(f"{source} holds the same bytes, loads and answers")
        rival = None
        if champion is not None and not bounds_only:
            rival = _champion_results(root, registry, champion, results.frozen, Path(scratch), log, dry_run)
        decision = gate.decide(results, rival)
        if champion is not None and decision.outcome == "first":  # asked for with `bounds_only`
            summary = f"the bounds are met; not compared with version {champion.number}, as was asked"
            decision = replace(decision, outcome="promoted", summary=summary)
        if dry_run:
            number = champion.number if champion else None
            return Promotion(decision.outcome, f"dry run: {decision.summary}", number, run_id)
        facts = snapshot.take(root, Path(scratch) / snapshot.FOLDER)
        facts |= {"lock": hashlib.md5((root / "dvc.lock").read_bytes()).hexdigest()}
        cards = _record(root, registry, run_id, results, decision, hashes, facts, Path(scratch))
        number = champion.number if champion else None
        if decision.promote:
            tags = {
                "git.commit": facts["commit"],
                "git.dirty": facts["dirty"],
                "git.origin": facts["origin"],
                "dvc.lock.md5": facts["lock"],
                "evaluation.frozen": results.frozen,
                "decision": decision.outcome,
                "decision.summary": decision.summary,
                ANSWERED_BYTES: answered_bytes,
                ANSWERED_IN: verify.environment(),
                **{MD5 + path: md5 for path, md5 in hashes.items()},
            }
            made = registry.register(source, run_id, tags, cards)
            if registry.version(CHAMPION) != champion:
                raise UserError("another promotion moved the champion meanwhile; promote again to compare with it")
            registry.crown(made, champion)
            number = made.number
        registry.client.set_tag(run_id, "decision", decision.outcome)
        return Promotion(decision.outcome, decision.summary, number, run_id)


def _challenger(root: Path, registry: Registry, log: Log, dry_run: bool, parent: str) -> tuple[str, str]:
    """(run, logged model) of the workspace's evaluation. Where this store has neither, they are logged anew."""
    lineage = Layout(root).lineage("evaluate")
    named = str((read_json(lineage) if lineage.is_file() else {}).get("run_id") or "")
    run = registry.run(named) if named else None
    source = registry.logged_model(run) if run is not None else ""
    if run is not None and source:
        return str(run.info.run_id), source
    if named.startswith("spool-") and run is None and _waits(root, named):
        raise UserError("the evaluation still waits to be sent to MLflow; run `python -m flows.sync`, then promote")
    why = f"run {named} is not in this store" if named else "no run is known for this evaluation"
    log(f"{why} (it came from a cache, or was made untracked): the model is logged anew" + ("" if not dry_run else "?"))
    if dry_run:
        return named, ""
    run_id = _log_anew(root, named, parent)
    return run_id, registry.logged_model(registry.client.get_run(run_id))


def _waits(root: Path, name: str) -> bool:
    from components.runner.tracking.spool import spooled_runs

    return any(run.name == name for run in spooled_runs(root))


def _log_anew(root: Path, named: str, parent: str) -> str:
    """A run that stands in for the evaluation's own: its figures, report and model."""
    from components.talker.logged_model import log_talker

    layout, here = Layout(root), Path.cwd()
    os.chdir(root)  # the model's code is named below the project's root
    try:
        with runs.start_run("evaluate", load_params(root / "params.yaml"), layout) as tracker:
            link = {"mlflow.parentRunId": parent} if parent else {}
            tracker.set_tags({"mlflow.runName": "evaluate (logged anew)", "cached": "true", "source_run": named} | link)
            tracker.log_metrics({key: float(value) for key, value in read_json(layout.metrics("evaluate")).items()})
            tracker.log_artifact(layout.report, "report")
            log_talker(tracker, layout)
    finally:
        os.chdir(here)
    if tracker.run_id is None or tracker.run_id.startswith("spool-"):
        raise UserError("MLflow stopped answering while the model was logged; promote again when it is back")
    return tracker.run_id


def _champion_results(
    root: Path, registry: Registry, champion: Version, frozen: str, scratch: Path, log: Log, dry_run: bool
) -> Results:
    """The champion's figures on the set `frozen`: as stored, or measured now in a workspace of its own."""
    for path in (REPORT, f"{MEASURED}/{frozen}/{FILE}"):
        found = registry.fetch(champion.run_id, path, scratch / "champion" / path.split("/")[0])
        if found is not None and (stored := _readable(found.parent)) is not None and stored.frozen == frozen:
            return stored
    log(f"version {champion.number} was measured on another set; measuring it on {frozen}, as long as an evaluation")
    measured = measure(root, registry.fetch_model(champion.source, scratch / "rival"), log)
    if measured.frozen != frozen:
        raise UserError(
            f"reports/ is of the set {frozen}, the code here makes {measured.frozen}; run `dvc repro evaluate`"
        )
    if not dry_run:
        kept = scratch / "kept"
        kept.mkdir()
        measured.save(kept)
        registry.client.log_artifacts(champion.run_id, str(kept), f"{MEASURED}/{frozen}")
    return measured


def _readable(folder: Path) -> Results | None:
    """Stored results; None where they are of an older version of the format, which cannot be compared."""
    try:
        return Results.load(folder)
    except UserError:
        return None


def measure(root: Path, model: Path, log: Log) -> Results:
    """Evaluate a downloaded model on the workspace's own evaluation set, away from the workspace."""
    with workspace.claimed(root / ".sweeps" / "champion" / str(os.getpid())) as folder:
        workspace.create(root, folder, "evaluate")
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
                f"the champion cannot be measured by this code ({error.tail[-1] if error.tail else error}); "
                "to go by the bounds alone: python -m flows.promote --bounds-only"
            ) from error
        return Results.load(folder / "reports")


def _record(
    root: Path, registry: Registry, run_id: str, results: Results, decision: gate.Decision,
    hashes: Mapping[str, str], facts: Mapping[str, str], scratch: Path,
) -> str:  # fmt: skip
    """Decision, card and snapshot as artifacts of the run, the gains as metrics; returns the short card."""
    params = runs.flatten(load_params(root / "params.yaml").model_dump())
    folder = scratch / "decision"
    folder.mkdir()
    write_json(
        folder / "decision.json", decision.as_json() | {"evaluation_set": results.frozen, "models": dict(hashes)}
    )
    (folder / "decision.md").write_text(f"**{decision.outcome}**: {decision.summary}\n\n{gate.table(decision)}\n")
    (folder / "card.md").write_text(card(results, decision, params, hashes, facts, full=True))
    client = registry.client
    client.log_artifacts(run_id, str(folder), "decision")
    client.log_artifacts(run_id, str(scratch / snapshot.FOLDER), snapshot.FOLDER)
    for metric, gain in gate.distances(decision).items():
        client.log_metric(run_id, f"gate/{metric}", gain)
    for key, value in (("decision.summary", decision.summary), ("dvc.lock.md5", facts["lock"])):
        client.set_tag(run_id, key, value[:4900])
    return card(results, decision, params, hashes, facts, full=False)
