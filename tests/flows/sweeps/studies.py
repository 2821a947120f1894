"""Spaces and studies for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.sweeps import optuna_study
from flows.sweeps.space import Space

ONE = {"x": {"type": "float", "low": 0, "high": 1}}


def space(*goals: str, parameters: Mapping[str, Any] = ONE, stage: str = "s") -> Space:
    """goals: `metric:direction`."""
    objectives = [dict(zip(("metric", "direction"), goal.split(":"), strict=True)) for goal in goals or ("a:minimize",)]
    return Space.model_validate({"stage": stage, "objectives": objectives, "parameters": parameters})


def open_study(folder: Path, *goals: str, seed: int = 0) -> Any:
    return optuna_study.open_study("study", space(*goals), f"sqlite:///{folder / 'optuna.db'}", seed)


def finish(study: Any, *values: float, x: float = 0.5) -> Any:
    """A complete trial with these values."""
    study.enqueue_trial({"x": x})
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    study.tell(trial, values)
    return study.get_trials()[trial.number]
