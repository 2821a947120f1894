"""Experiment tracking as stages and trainings see it; who listens is `components.runner.tracking`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Column = tuple[str, str, bool]  # of a model's request: name, MLflow's name of its type, needed


class Tracker(Protocol):
    """What a stage tells about itself."""

    run_id: str | None

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Nested parameters are flattened with dots."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Numbers, at a training step or final (no step). Final ones also stand in the run's note."""

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """A file or a folder."""

    def log_image(self, path: Path, key: str) -> None:
        """A picture that MLflow lays beside those of other runs with the same key."""

    def log_inputs(self, hashes: Mapping[str, str], context: str) -> None:
        """Data that the run read: path -> DVC's hash. context: "training" or "evaluation"."""

    def log_model(
        self,
        name: str,
        folders: Mapping[str, Path],
        code: Path,
        columns: Sequence[Column] = (),
        example: Mapping[str, Any] | None = None,
    ) -> None:
        """Model folders as one pyfunc; `code` is the file that calls `serve` (models from code).

        columns, example: the signature of a request and a small request that the model can answer.
        """

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Text labels of the run."""


class NullTracker:
    """Tracks nothing."""

    run_id: str | None = None

    def log_params(self, params: Mapping[str, Any]) -> None: ...

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None: ...

    def log_artifact(self, path: Path, folder: str = "") -> None: ...

    def log_image(self, path: Path, key: str) -> None: ...

    def log_inputs(self, hashes: Mapping[str, str], context: str) -> None: ...

    def log_model(
        self,
        name: str,
        folders: Mapping[str, Path],
        code: Path,
        columns: Sequence[Column] = (),
        example: Mapping[str, Any] | None = None,
    ) -> None: ...

    def set_tags(self, tags: Mapping[str, str]) -> None: ...
