"""The deployment's entry does what the command does."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.logging import disable_run_logger

from components.common.errors import UserError
from flows.promotion.model_registry import ModelRegistry
from flows.promotion.promote_flow import promote
from tests.flows.versions import model_folder, register


def test_it_returns_the_decision(tracked: Path, registry: ModelRegistry, tmp_path: Path) -> None:
    registry.set_champion(register(registry, model_folder(tracked, tmp_path / "model")), None)
    with disable_run_logger():
        assert promote.fn(str(tracked)) == "kept"  # these very models are champion


def test_what_is_refused_fails_the_flow(tracked: Path) -> None:
    with disable_run_logger(), pytest.raises(UserError, match="no previous champion"):
        promote.fn(str(tracked), rollback=True)
