"""What a retraining says of itself."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from components.common.errors import UserError
from flows.execution.dvc import Outcome
from flows.retrain import page_of, preflight, slot, summary

ROOT = Path(__file__).parents[2]


def test_the_summary_names_decision_stages_and_figures() -> None:
    text = summary(
        {"talker/lip_correlation": 0.9, "x": 1.0}, [Outcome(("a",), ("b",)), Outcome((), ())], "kept: so", "id"
    )
    for words in (
        "decision: kept: so",
        "ran: a",
        "from the cache: b",
        "MLflow: id",
        "| talker/lip_correlation | 0.9 |",
    ):
        assert words in text


def test_missing_footage_stops_a_retraining_before_dvc_removes_anything(tmp_path: Path) -> None:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    with pytest.raises(UserError, match=r"prepare\.path: .*footage is not a folder"):
        preflight.fn(tmp_path)


def test_a_page_without_a_server_is_the_run_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert page_of(tmp_path, "abc") == "abc"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert page_of(tmp_path, "abc") == "abc"
    assert page_of(tmp_path, "") == ""


def test_a_page_has_no_password(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@mlflow.example.org/")
    monkeypatch.setattr("flows.retrain.runs.connect", lambda root: (None, "7"))
    assert page_of(store, "abc") == "https://mlflow.example.org/#/experiments/7/runs/abc"


def test_no_server_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_settings({PREFECT_API_URL: None}):
        assert isinstance(slot(), nullcontext)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert not isinstance(slot(), nullcontext)
