"""The stage stops before its work where models are missing, and writes and tracks what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.common.tracker import NullTracker
from components.runner.stage import Stage
from evaluation.report.report import HEADLINES
from evaluation.stage import run, track_results, write_plot
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results, Sample

Prepared = Callable[..., Layout]


class Recorder(NullTracker):
    """Remembers calls by name, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.calls.append(("metrics", dict(metrics)))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        self.calls.append(("tags", dict(tags)))

    def log_artifact(self, path: Path, folder: str = "") -> None:
        self.calls.append(("artifact", (path, folder)))

    def log_image(self, path: Path, key: str) -> None:
        self.calls.append(("image", (path, key)))

    def log_model(self, name: str, *_: Any, **__: Any) -> None:
        self.calls.append(("model", name))


def test_missing_models_are_one_line_and_the_last_report_stays(prepared: Prepared) -> None:
    layout = prepared()
    layout.report.mkdir()
    (layout.report / "index.html").write_text("the last one")
    with pytest.raises(UserError, match="regressor is missing"):
        run(Stage(Params(), layout))
    assert (layout.report / "index.html").is_file()


def test_results_are_tracked_headlines_first_and_before_the_model(tmp_path: Path) -> None:
    layout, tracker = Layout(tmp_path), Recorder()
    summary = {name: Interval(0.12345678, 0, 1, 2) for name in ("art/style_accuracy", "style_a/ssim", HEADLINES[0])}
    sample = Sample("sample_1_sad.mp4", "sample_1_sad.jpg", "", "", [])
    track_results(Stage(Params(), layout, tracker), Results(summary, samples=[sample], frozen="set"))
    names = [name for name, _ in tracker.calls]
    assert names == ["metrics", "tags", "artifact", "image", "model"]
    calls = dict(tracker.calls)
    assert list(calls["metrics"]) == [HEADLINES[0], "art/style_accuracy", "style_a/ssim"]
    assert calls["metrics"]["style_a/ssim"] == 0.123457
    assert calls["tags"] == {"evaluation.frozen": "set"}
    assert calls["image"] == (layout.report / "sample_1_sad.jpg", "sample_1_sad")


def test_the_plot_has_the_metrics_that_all_emotions_have(tmp_path: Path) -> None:
    one, two = Interval(0.12345678, 0, 1, 2), Interval(0.5, 0, 1, 2)
    write_plot(tmp_path / "plot.csv", {"happy": {"b": one, "a": two, "c": one}, "sad": {"a": one, "b": two}})
    table = pd.read_csv(tmp_path / "plot.csv")
    assert table.to_dict("list") == {"emotion": ["happy", "sad"], "a": [0.5, 0.123457], "b": [0.123457, 0.5]}
    write_plot(tmp_path / "bare.csv", {})
    assert (tmp_path / "bare.csv").read_text() == "emotion\n"
