"""Promotion, step by step: nothing moves until every check holds, and the champion always has a name.

The challenger is the model that `evaluate` logged. Its bytes are compared with `dvc.lock` in the workspace, in DVC's
cache and in MLflow; it is loaded elsewhere and answers a request; then the gate compares it with the champion on one
frozen set of cases. Only then a version is registered and the aliases move.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.runner import git
from components.runner.tracking.mlflow_store import NOTE
from components.runner.tracking.run_note import led
from evaluation import gate
from evaluation.summary.results import Results
from flows.promotion import champion as champions
from flows.promotion import evaluation_run, model_card, snapshot, verify
from flows.promotion.challenger import Challenger
from flows.promotion.model_registry import (
    CHAMPION,
    LOCK_MD5,
    MD5,
    MOST_TEXT,
    ModelRegistry,
    ModelVersion,
    Promotion,
    mlflow_errors,
)
from flows.promotion.snapshot import Snapshot

Log = Callable[[str], None]


def promote(
    root: Path, log: Log, dry_run: bool = False, bounds_only: bool = False, parent: str = "", again: bool = False
) -> Promotion:
    """Compare the workspace's models with the champion and, if the gate lets them, make them the champion.

    dry_run: every check and the decision, but nothing is written. bounds_only: do not compare with the champion (for a
    change that makes old models unmeasurable). parent: the run of the flow that asks. again: also models that have been
    champion before; else a rollback would last until the next retraining comes to the same bytes. Raises `UserError` in
    one line when anything does not hold.
    """
    git.head(root)  # without it nothing could be restored: better said before minutes of measuring
    registry = ModelRegistry.open(root)
    with mlflow_errors(registry.uri), tempfile.TemporaryDirectory(prefix="style2talker-") as folder:
        scratch = Path(folder)
        challenger = Challenger.read(root)
        log("models, report, cache, code and parameters are those of dvc.lock")
        champion = registry.version(CHAMPION)
        if champion is not None and champion.models == challenger.models:
            summary = f"version {champion.number} is champion already, with these very models"
            return Promotion("kept", summary, champion.number, champion.run_id)
        if not again and (reason := former(registry.with_models(challenger.models))):
            number, run_id = (champion.number, champion.run_id) if champion else (None, "")
            return Promotion("kept", "dry run: " * dry_run + reason, number, run_id)
        run = evaluation_run.find_or_log(challenger, registry, log, dry_run, parent)
        proof = prove(challenger, registry, run.source, scratch / "challenger", log) if run.source else {}
        rival = None
        if champion is not None and not bounds_only:
            frozen = challenger.results.frozen
            rival = champions.results_on(frozen, champion, registry, root, scratch, log, dry_run)
        decision = decide(challenger.results, rival, champion)
        number = champion.number if champion else None
        if dry_run:  # nothing has moved: the champion is who it was
            log(f"challenger: run {run.run_id or 'unknown'}")
            summary, holder = f"dry run: {decision.summary}", champion.run_id if champion else ""
            return Promotion(decision.outcome, summary, number, holder)
        provenance = snapshot.take(root, challenger.lock, scratch / snapshot.FOLDER)
        record(challenger, decision, provenance, registry, run.run_id, scratch)
        if decision.promote:
            tags = version_tags(challenger, decision, provenance) | proof
            description = model_card.render(challenger, decision, provenance, full=False)
            version = registry.register(run.source, run.run_id, tags, description)
            if registry.version(CHAMPION) != champion:
                raise UserError("another promotion moved the champion meanwhile; promote again to compare with it")
            registry.set_champion(version, champion)
            number = version.number
        registry.client.set_tag(run.run_id, "decision", decision.outcome)
        return Promotion(decision.outcome, decision.summary, number, run.run_id)


def former(version: ModelVersion | None) -> str:
    """Why models that are registered already are not promoted again by themselves; "" where nothing is against it."""
    if version is None or not version.farewell:
        return ""
    remedy = "to promote it all the same: python -m flows.promote --again"
    return f"these very models are version {version.number}, {version.farewell}; {remedy}"


def prove(challenger: Challenger, registry: ModelRegistry, source: str, folder: Path, log: Log) -> dict[str, str]:
    """The logged model holds the challenger's bytes, loads and answers; returns the tags that say so."""
    model, name = registry.fetch_model(source, folder), f"the logged model {source}"
    verify.logged(model, challenger.models, name)
    verify.answers(model, name)
    log(f"{source} holds the same bytes, loads and answers")
    return verify.proof(model)


def decide(challenger: Results, rival: Results | None, champion: ModelVersion | None) -> gate.Decision:
    """The gate's decision. rival: the champion's results; None where there is no champion, or by `bounds_only`."""
    decision = gate.decide(challenger, rival)
    if champion is None or decision.outcome != "first":
        return decision
    summary = f"the bounds are met; not compared with version {champion.number}, as was asked"
    return replace(decision, outcome="promoted", summary=summary)


def version_tags(challenger: Challenger, decision: gate.Decision, provenance: Snapshot) -> dict[str, str]:
    """Tags of a new version: what it came from, the set it was measured on, why it was promoted, and its hashes."""
    return {
        **{f"git.{key}": value for key, value in provenance.as_tags().items()},
        LOCK_MD5: challenger.lock.md5,
        "evaluation.frozen": challenger.results.frozen,
        "decision": decision.outcome,
        "decision.summary": decision.summary,
        **{MD5 + path: md5 for path, md5 in challenger.models.items()},
    }


def record(
    challenger: Challenger,
    decision: gate.Decision,
    provenance: Snapshot,
    registry: ModelRegistry,
    run_id: str,
    scratch: Path,
) -> None:
    """Decision, card and snapshot as artifacts of the run, the gains as metrics."""
    folder = scratch / "decision"
    folder.mkdir()
    facts = {"evaluation_set": challenger.results.frozen, "models": challenger.models}
    write_json(folder / "decision.json", decision.as_json() | facts)
    (folder / "decision.md").write_text(f"**{decision.outcome}**: {decision.summary}\n\n{gate.table(decision)}\n")
    (folder / "card.md").write_text(model_card.render(challenger, decision, provenance, full=True))
    registry.client.log_artifacts(run_id, str(folder), "decision")
    registry.client.log_artifacts(run_id, str(scratch / snapshot.FOLDER), snapshot.FOLDER)
    for metric, gain in gate.distances(decision).items():
        registry.client.log_metric(run_id, f"gate/{metric}", gain)
    why = f"{decision.outcome}: {decision.summary}"
    note = led(why, registry.client.get_run(run_id).data.tags.get(NOTE, ""))
    for key, value in (("decision.summary", decision.summary), (LOCK_MD5, challenger.lock.md5), (NOTE, note)):
        registry.client.set_tag(run_id, key, value[:MOST_TEXT])
