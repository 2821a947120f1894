"""Messages: the decision first, one line that fits, and never a failure of the flow they tell about."""

from __future__ import annotations

import pytest

from flows import notify


def test_a_completed_run_tells_its_decision_first() -> None:
    subject, body = notify.message(
        "retrain", "calm-owl", "Completed", "", {"a": 1.5, "decision": "kept: equal", "z": [1]}
    )
    assert subject == "retrain completed: calm-owl"
    assert body.splitlines() == ["decision: kept: equal", "a: 1.5"]


def test_a_failed_run_tells_why() -> None:
    assert notify.message("retrain", "calm-owl", "Crashed", "process is gone", None)[1] == "process is gone"


def test_long_results_are_cut() -> None:
    body = notify.message("retrain", "x", "Completed", "", {f"figure {n:03d}": n for n in range(100)})[1]
    assert len(body.splitlines()) == notify.FIGURES


def test_a_result_in_words_is_told() -> None:
    assert notify.message("promote", "x", "Completed", "", "promoted")[1] == "promoted"


def test_only_web_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    assert notify.main(["--webhook", "file:///etc/passwd"]) == 2
    assert "not an http(s) URL" in capsys.readouterr().err
