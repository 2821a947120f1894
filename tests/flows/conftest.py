"""A miniature of the project, made once; with an MLflow store; and a model that answers, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.promotion.model_registry import ModelRegistry
from tests.flows.miniature import make, run
from tests.flows.versions import save_model


@pytest.fixture(scope="session")
def made_miniature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("miniature")
    make(root)
    return root


@pytest.fixture
def miniature(made_miniature: Path, tmp_path: Path) -> Path:
    """A private copy of it, everything committed and up to date."""
    root = tmp_path / "miniature"
    run(tmp_path, "cp", "-a", str(made_miniature), str(root))
    return root


@pytest.fixture
def tracked(miniature: Path, mlflow_schema: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A miniature with an MLflow store of its own; nothing of the caller's tracking reaches it."""
    for name in ("MLFLOW_TRACKING_URI", "STYLE2TALKER_TRACKING", "STYLE2TALKER_PARENT_RUN", "STYLE2TALKER_SPOOL"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(mlflow_schema, miniature)
    return miniature


@pytest.fixture
def registry(tracked: Path) -> ModelRegistry:
    return ModelRegistry.open(tracked)


@pytest.fixture(scope="session")
def answering_model(made_miniature: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature's models as a folder that MLflow loads and that answers its own example."""
    return save_model(made_miniature, tmp_path_factory.mktemp("answering") / "model")
