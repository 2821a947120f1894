"""Logged models and registered versions for tests, written straight into a store: in milliseconds, from any files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.entities import LoggedModelOutput

from flows.promotion import verify
from flows.promotion.model_registry import MD5, ModelRegistry, ModelVersion


def save_model(root: Path, folder: Path) -> Path:
    """The models at `root` in MLflow's format, served by the project's own file; takes a second."""
    mlflow.pyfunc.save_model(
        str(folder),
        python_model=str(root / "components" / "talker" / "serving.py"),
        artifacts={Path(path).name: str(root / path) for path in verify.MODELS},
        pip_requirements=[],
        input_example=pd.DataFrame([{"emotion": "happy"}]),
    )
    return folder


def model_folder(root: Path, folder: Path) -> Path:
    """The models at `root` as they lie in a logged model, without anything that could load them."""
    for path in verify.MODELS:
        shutil.copytree(root / path, folder / "artifacts" / Path(path).name)
    return folder


def with_models(answering: Path, root: Path, folder: Path) -> Path:
    """A copy of a model that answers, of the models at `root`."""
    shutil.copytree(answering, folder, ignore=shutil.ignore_patterns("artifacts"))
    return model_folder(root, folder)


def log_run(registry: ModelRegistry, model: Path, artifacts: Mapping[str, Path] = {}) -> tuple[str, str]:
    """(run id, `models:/...`) of a new run that has logged `model`. artifacts: folder in the run -> folder on disk."""
    client: Any = registry.client
    run_id = client.create_run(registry.store.experiment).info.run_id
    logged = client.create_logged_model(registry.store.experiment, name="style2talker", source_run_id=run_id)
    client.log_model_artifacts(logged.model_id, str(model))
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
    for name, source in artifacts.items():
        client.log_artifacts(run_id, str(source), name)
    return run_id, f"models:/{logged.model_id}"


def register(
    registry: ModelRegistry, model: Path, tags: Mapping[str, str] = {}, artifacts: Mapping[str, Path] = {}
) -> ModelVersion:
    """A version of these files, tagged with their hashes. No alias moves."""
    run_id, source = log_run(registry, model, artifacts)
    hashes = {MD5 + path: verify.digest(model / "artifacts" / Path(path).name) for path in verify.MODELS}
    return registry.register(source, run_id, hashes | dict(tags), "")
