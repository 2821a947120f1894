"""The evaluation's run is found under any name it had; a spooled one is waited for; a lost one is logged anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components.common.errors import UserError
from flows.promotion import evaluation_run
from flows.promotion.challenger import Challenger
from flows.promotion.evaluation_run import EvaluationRun
from flows.promotion.model_registry import ModelRegistry
from tests.flows.versions import log_run, model_folder


def find(challenger: Challenger, registry: ModelRegistry) -> tuple[EvaluationRun, list[str]]:
    """What a dry run finds, and what it says."""
    lines: list[str] = []
    return evaluation_run.find_or_log(challenger, registry, lines.append, dry_run=True, parent=""), lines


def test_the_run_that_lineage_names(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    run_id, source = log_run(registry, model_folder(tracked, tmp_path / "model"))
    challenger = replace(Challenger.read(tracked), evaluated_by=run_id)
    assert find(challenger, registry) == (EvaluationRun(run_id, source), [])
    registry.client.set_tag(run_id, "spool", "spool-7")
    assert find(replace(challenger, evaluated_by="spool-7"), registry) == (EvaluationRun(run_id, source), [])
    registry.client.set_tag(run_id, "lineage", "made-7")
    assert find(replace(challenger, evaluated_by="made-7"), registry) == (EvaluationRun(run_id, source), [])


def test_a_run_that_still_waits_on_disk(tracked: Path, registry: ModelRegistry) -> None:
    waiting = tracked / ".mlflow-spool" / "spool-7"
    waiting.mkdir(parents=True)
    challenger = replace(Challenger.read(tracked), evaluated_by=waiting.name)
    with pytest.raises(UserError, match=r"run `python -m flows\.sync`, then promote"):
        find(challenger, registry)
    waiting.rmdir()
    assert find(challenger, registry)[0] == EvaluationRun("spool-7", "")


def test_a_dry_run_logs_nothing(tracked: Path, registry: ModelRegistry) -> None:
    challenger = Challenger.read(tracked)
    run, (line,) = find(challenger, registry)
    assert run == EvaluationRun("", "")
    assert line.startswith("no run is known for this evaluation")
    run, (line,) = find(replace(challenger, evaluated_by="0" * 32), registry)
    assert run == EvaluationRun("0" * 32, "")
    assert line.startswith(f"run {'0' * 32} is not in this store")
    assert not registry.client.search_runs([registry.store.experiment])
