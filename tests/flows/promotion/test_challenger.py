"""A challenger exists only when every byte is the locked one; then it knows all that promotion asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.artifacts import write_json
from components.common.errors import UserError
from components.runner.dvc_lock import DvcLock
from flows.promotion import verify
from flows.promotion.challenger import Challenger


def test_it_is_read_once_and_whole(miniature: Path) -> None:
    write_json(miniature / "lineage" / "evaluate.json", {"run_id": "spool-1"})
    challenger = Challenger.read(miniature)
    assert challenger.lock == DvcLock.read(miniature)
    assert challenger.models == {path: verify.digest(miniature / path) for path in verify.MODELS}
    assert challenger.results.frozen == "set of 4"
    assert challenger.params.train_style_e.steps == 3
    assert challenger.evaluated_by == "spool-1"


def test_an_evaluation_without_a_run_has_no_name(miniature: Path) -> None:
    assert Challenger.read(miniature).evaluated_by == ""
    write_json(miniature / "lineage" / "evaluate.json", {"run_id": None})
    assert Challenger.read(miniature).evaluated_by == ""


def test_one_other_byte_makes_no_challenger(miniature: Path) -> None:
    for path, words in (
        ("models/style_a/weights", "hash mismatch: models/style_a in the workspace"),
        ("reports/evaluation.json", "hash mismatch: reports in the workspace"),
        ("code/scale.txt", "code has changed since the models were made"),
        ("evaluation/stage.py", "evaluation has changed since the models were made"),
    ):
        file = miniature / path
        content = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(content + b"!")
        with pytest.raises(UserError, match=words):
            Challenger.read(miniature)
        file.write_bytes(content)
    Challenger.read(miniature)
