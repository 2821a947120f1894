"""Who tracks nothing takes whatever a stage tells, and answers to the whole protocol."""

from __future__ import annotations

import inspect
from pathlib import Path

from components.common.tracker import NullTracker, Tracker
from components.runner.tracking.runs import RunTracker

CALLS = [name for name, value in vars(Tracker).items() if inspect.isfunction(value) and name.startswith(("log", "set"))]


def test_both_trackers_take_the_calls_of_the_protocol() -> None:
    assert len(CALLS) == 7
    for tracker in (NullTracker, RunTracker):
        for name in CALLS:
            assert inspect.signature(getattr(tracker, name)) == inspect.signature(getattr(Tracker, name)), name


def test_the_null_tracker_takes_everything_and_has_no_run(tmp_path: Path) -> None:
    tracker: Tracker = NullTracker()
    tracker.log_params({"a": {"b": 1}})
    tracker.log_metrics({"loss": 1.0}, step=3)
    tracker.log_artifact(tmp_path / "missing")
    tracker.log_image(tmp_path / "missing.png", "sample")
    tracker.log_inputs({"data": "0123"}, "training")
    tracker.log_model("talker", {"style_e": tmp_path}, Path("serving.py"))
    tracker.set_tags({"kind": "stage"})
    assert tracker.run_id is None
    assert list(tmp_path.iterdir()) == []
