"""Saved views are envelopes that MLflow's page can read, and name figures that exist."""

from __future__ import annotations

import json

from components.common.params import Params
from components.runner.tracking.mlflow_views import DIALS, QUALITY, TAG, saved_views
from components.runner.tracking.runs import flatten
from evaluation.metrics.registry import METRICS


def test_views_name_metrics_and_parameters_that_exist() -> None:
    assert set(QUALITY) <= set(METRICS)
    assert set(DIALS) <= set(flatten(Params().model_dump()))


def test_envelopes_are_whole_and_fit_into_a_tag() -> None:
    for tag, value in saved_views().items():
        assert tag.startswith(TAG)
        assert len(value) < 5000
        envelope = json.loads(value)
        assert isinstance(envelope["name"], str)
        assert isinstance(envelope["createdAt"], int)
        assert json.loads(envelope["state"])["selectedColumns"]
