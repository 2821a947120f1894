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


def test_figures_keep_their_order_and_links_come_last() -> None:
    figures = {f"figure {n:02d}": n / 3 for n in reversed(range(20))}
    result = {"decision": "promoted: better", **figures, "MLflow": "http://h/#/runs/1"}
    lines = notify.message("retrain", "x", "Completed", "", result)[1].splitlines()
    assert lines[:2] == ["decision: promoted: better", "figure 19: 6.333"]
    assert lines[-1] == "MLflow: http://h/#/runs/1"


def test_a_webhook_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def notify(self, body: str, subject: str | None = None) -> None:
            raise OSError("404 for url 'https://hooks.example.org/services/T0/geheim'")

    monkeypatch.setattr(notify, "save_webhook", lambda url: None)
    monkeypatch.setattr(notify, "load_notifier", Broken)
    assert notify.main(["--webhook", "https://me:secret@hooks.example.org/services/T0/geheim"]) == 2
    assert notify.main(["--webhook", "hooks.example.org/services/T0/geheim"]) == 2
    told = capsys.readouterr().err
    assert "https://hooks.example.org did not answer" in told
    assert "geheim" not in told
    assert "secret" not in told


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
