"""Experiment tracking: the one module that imports MLflow. Trouble with tracking never stops a training.

`STYLE2TALKER_TRACKING=off` gives the null tracker. `MLFLOW_TRACKING_URI` names a server; without it runs go to
`mlflow.db` (SQLite) at the project's root, artifacts to `mlartifacts/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class Tracker(Protocol):
    """What a stage tells about itself."""

    run_id: str | None

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Nested parameters are flattened with dots."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Numbers, at a training step or final."""

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """A file or a folder."""

    def log_model(self, name: str, folder: Path, code: Path) -> None:
        """A model folder as a models-from-code pyfunc: `code` is the module file that calls `mlflow.models.set_model`."""

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Text labels of the run."""


class NullTracker:
    """Tracks nothing."""

    run_id: str | None = None

    def log_params(self, params: Mapping[str, Any]) -> None: ...

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None: ...

    def log_artifact(self, path: Path, folder: str = "") -> None: ...

    def log_model(self, name: str, folder: Path, code: Path) -> None: ...

    def set_tags(self, tags: Mapping[str, str]) -> None: ...
