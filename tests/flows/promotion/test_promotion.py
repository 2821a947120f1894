"""A whole promotion in a miniature, with a real store: first, better, worse, equal, and everything that refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.runner.dvc_lock import DvcLock, LockedStage
from evaluation import gate
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results
from flows.promotion import promotion, verify
from flows.promotion.challenger import Challenger
from flows.promotion.model_registry import CHAMPION, PREVIOUS, ModelRegistry, ModelVersion
from flows.promotion.rollback import rollback
from flows.promotion.snapshot import Snapshot
from tests.flows.miniature import run
from tests.flows.versions import log_run, model_folder, register, with_models

AIM = "style_a/pair_psnr_gain_over_no_motion"
Champion = Callable[[float], ModelVersion]


@pytest.fixture
def champion(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> Champion:
    """Makes the champion: other models than the miniature's, of the given quality in every case."""

    def make(quality: float) -> ModelVersion:
        model = model_folder(tracked, tmp_path / "champion")
        (model / "artifacts" / "style_e" / "weights").write_text(f"style_e{quality}")
        results = json.loads((tracked / "reports" / "evaluation.json").read_text())
        results["cases"][AIM] = {case: quality + value - 1 for case, value in results["cases"][AIM].items()}
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "evaluation.json").write_text(json.dumps(results))
        version = register(registry, model, artifacts={"report": tmp_path / "report"})
        registry.set_champion(version, None)
        return version

    return make


@pytest.fixture
def evaluated(tracked: Path, registry: ModelRegistry, answering_model: Path, tmp_path: Path) -> str:
    """The miniature's evaluation has logged its models under this run, as `evaluate` does."""
    run_id, _ = log_run(registry, with_models(answering_model, tracked, tmp_path / "logged"))
    write_json(Layout(tracked).lineage("evaluate"), {"run_id": run_id})
    return run_id


def promote(root: Path, **options: Any) -> promotion.Promotion:
    return promotion.promote(root, lambda _: None, **options)


def artifact(registry: ModelRegistry, run_id: str, path: str, folder: Path) -> str:
    place = registry.fetch(run_id, path, folder)
    assert place is not None
    return place.read_text()


def test_the_first_model_is_logged_registered_and_promoted(
    tracked: Path, registry: ModelRegistry, tmp_path: Path
) -> None:
    lines: list[str] = []
    parent = registry.client.create_run(registry.store.experiment).info.run_id
    outcome = promotion.promote(tracked, lines.append, parent=parent)
    assert (outcome.decision, outcome.version) == ("first", 1)
    assert any("the model is logged anew" in line for line in lines)
    champion = registry.version(CHAMPION)
    assert champion is not None
    lock = DvcLock.read(tracked)
    assert champion.models == {path: lock.outs[path] for path in verify.MODELS}
    assert champion.tags["dvc.lock.md5"] == lock.md5
    assert champion.tags["git.commit"] == run(tracked, "git", "rev-parse", "HEAD").strip()
    assert (champion.tags["git.dirty"], champion.tags["decision"]) == ("false", "first")
    assert champion.tags["answered.environment"] == verify.environment()
    tags = registry.client.get_run(champion.run_id).data.tags
    assert (tags["decision"], tags["mlflow.parentRunId"]) == ("first", parent)
    decision = json.loads(artifact(registry, champion.run_id, "decision/decision.json", tmp_path / "artifacts"))
    assert (decision["outcome"], decision["evaluation_set"]) == ("first", "set of 4")
    assert "| style-a" in artifact(registry, champion.run_id, "decision/card.md", tmp_path / "artifacts").lower()
    assert artifact(registry, champion.run_id, "provenance/dvc.lock", tmp_path / "artifacts") == (
        (tracked / "dvc.lock").read_text()
    )
    again = promote(tracked)
    assert (again.decision, again.version) == ("kept", 1)
    assert again.summary == "version 1 is champion already, with these very models"


def test_a_better_model_is_promoted(tracked: Path, registry: ModelRegistry, champion: Champion, evaluated: str) -> None:
    old = champion(0.8)
    outcome = promote(tracked)
    assert (outcome.decision, outcome.version, outcome.run_id) == ("promoted", 2, evaluated)
    assert outcome.summary.startswith(f"{AIM} 1 against ")
    assert registry.version(PREVIOUS) == old
    new = registry.version(CHAMPION)
    assert new is not None
    assert new.models == Challenger.read(tracked).models
    assert registry.client.get_run(evaluated).data.metrics[f"gate/{AIM}"] == pytest.approx(0.2)


def test_a_worse_model_is_kept_out_with_the_reason(
    tracked: Path, registry: ModelRegistry, champion: Champion, evaluated: str, tmp_path: Path
) -> None:
    old = champion(1.5)
    outcome = promote(tracked)
    assert (outcome.decision, outcome.version) == ("kept", 1)
    assert "worse by more than 0.2" in outcome.summary
    assert (registry.version(CHAMPION), registry.version(PREVIOUS)) == (old, None)
    tags = registry.client.get_run(evaluated).data.tags
    assert (tags["decision"], tags["decision.summary"]) == ("kept", outcome.summary)
    assert "**kept**" in artifact(registry, evaluated, "decision/decision.md", tmp_path / "artifacts")


@pytest.fixture
def rolled_back(
    tracked: Path, registry: ModelRegistry, champion: Champion, evaluated: str, tmp_path: Path
) -> ModelVersion:
    """The better model was promoted, and a person has gone back to the one before; returns that."""
    old = champion(0.8)
    assert promote(tracked).version == 2
    registry.set_tags(old, verify.proof(tmp_path / "champion"))  # it has answered here
    rollback(tracked, lambda _: None, reason="lips freeze", by="ana")
    return old


def test_a_rollback_outlasts_the_next_retraining(
    tracked: Path, registry: ModelRegistry, rolled_back: ModelVersion
) -> None:
    for options in ({}, {"dry_run": True}, {"bounds_only": True}):
        outcome = promote(tracked, **options)
        assert (outcome.decision, outcome.version) == ("kept", 1)
        assert outcome.summary.endswith(
            "these very models are version 2, rolled back by ana (lips freeze); "
            "to promote it all the same: python -m flows.promote --again"
        )
    assert registry.version(CHAMPION) == rolled_back
    outcome = promote(tracked, again=True)
    assert (outcome.decision, outcome.version) == ("promoted", 3)
    assert promote(tracked).summary == "version 3 is champion already, with these very models"


def test_so_does_an_alias_that_was_moved_by_hand(
    tracked: Path, registry: ModelRegistry, champion: Champion, evaluated: str
) -> None:
    """On a page of MLflow, or by another program: without a note."""
    old = champion(0.8)
    assert promote(tracked).version == 2
    registry.client.set_registered_model_alias("style2talker", "champion", "1")
    outcome = promote(tracked)
    assert (outcome.decision, outcome.version) == ("kept", 1)
    assert "these very models are version 2, champion once and is not any more; " in outcome.summary
    registry.client.delete_registered_model_alias("style2talker", "champion")
    assert promote(tracked).version is None
    registry.set_champion(old, None)
    registry.remove_tags(ModelVersion(2, "", "", {}), ["was.champion"])  # registered, and killed before its alias moved
    assert promote(tracked).decision == "promoted"


def test_without_a_commit_nothing_is_promoted(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    run(tracked, "mv", ".git", str(tmp_path / "hidden"))
    for options in ({}, {"dry_run": True}):
        with pytest.raises(UserError, match="is no git repository"):
            promote(tracked, **options)
    assert registry.version(CHAMPION) is None
    run(tmp_path, "mv", str(tmp_path / "hidden"), str(tracked / ".git"))


def test_a_dry_run_decides_and_writes_nothing(tracked: Path, registry: ModelRegistry, champion: Champion) -> None:
    old = champion(0.8)
    before = registry.client.search_runs([registry.store.experiment])
    outcome = promote(tracked, dry_run=True)
    assert (outcome.decision, outcome.version) == ("promoted", 1)
    assert outcome.summary.startswith("dry run: ")
    assert outcome.run_id == old.run_id  # beside the champion's number stands the champion's run
    assert registry.version(CHAMPION) == old
    after = registry.client.search_runs([registry.store.experiment])
    assert [run.to_dictionary() for run in after] == [run.to_dictionary() for run in before]
    outcome = promote(tracked, dry_run=True, bounds_only=True)
    assert outcome.summary == "dry run: the bounds are met; not compared with version 1, as was asked"


def test_other_bytes_than_the_locked_ones_are_refused(
    tracked: Path, registry: ModelRegistry, champion: Champion
) -> None:
    old = champion(0.8)
    weights = tracked / "models" / "style_e" / "weights"
    weights.chmod(0o644)
    weights.write_text("style_e9")
    with pytest.raises(UserError, match=r"hash mismatch: models/style_e in the workspace .* dvc checkout --force"):
        promote(tracked)
    assert registry.version(CHAMPION) == old


def test_a_logged_model_of_other_bytes_is_refused(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    model = model_folder(tracked, tmp_path / "logged")
    (model / "artifacts" / "style_a" / "weights").write_text("other")
    run_id, source = log_run(registry, model)
    write_json(Layout(tracked).lineage("evaluate"), {"run_id": run_id})
    with pytest.raises(UserError, match=f"hash mismatch: models/style_a in the logged model {source}"):
        promote(tracked)
    assert registry.version(CHAMPION) is None


def results(value: float, frozen: str = "set") -> Results:
    """Every bound is met; ten cases of the one aim."""
    metrics = {AIM: value, "talker/lip_correlation": 0.9, "talker/face_found_rate": 1.0}
    return Results(
        {name: Interval(mean, mean, mean, 10) for name, mean in metrics.items()},
        cases={AIM: {f"case {i}": value for i in range(10)}},
        frozen=frozen,
    )


def test_the_decision_without_a_rival() -> None:
    old = ModelVersion(7, "run", "models:/m-1", {})
    assert promotion.decide(results(1.0), None, None).outcome == "first"
    asked = promotion.decide(results(1.0), None, old)
    assert (asked.outcome, asked.promote) == ("promoted", True)
    assert asked.summary == "the bounds are met; not compared with version 7, as was asked"
    broken = replace(results(1.0), summary=results(1.0).summary | {"talker/face_found_rate": Interval(0.5, 0, 1, 10)})
    assert promotion.decide(broken, None, old).outcome == "kept"
    assert promotion.decide(results(1.0), results(1.0), old).outcome == "kept"
    assert promotion.decide(results(1.1), results(1.0), old).outcome == "promoted"


def test_the_tags_of_a_version() -> None:
    models = {path: f"{path}.dir" for path in verify.MODELS}
    challenger = Challenger(Layout(), DvcLock({"train": LockedStage(outs=models)}, "l" * 32), results(1.0), Params())
    decision = gate.decide(challenger.results, None)
    assert promotion.version_tags(challenger, decision, Snapshot("c" * 40, True, "https://example.org/x.git")) == {
        "git.commit": "c" * 40,
        "git.dirty": "true",
        "git.origin": "https://example.org/x.git",
        "dvc.lock.md5": "l" * 32,
        "evaluation.frozen": "set",
        "decision": "first",
        "decision.summary": decision.summary,
        **{f"dvc.md5.{path}": md5 for path, md5 in models.items()},
    }
