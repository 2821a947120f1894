"""The report is one self-contained page: every metric described, nothing loaded from elsewhere, text escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from components.common.errors import UserError
from evaluation.metrics.registry import METRICS
from evaluation.report.report import figure, write_report
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results, Sample

EVIL = "<script>alert('x')</script> & \"sad\""


def results() -> Results:
    summary = {name: Interval(0.5, 0.4, 0.6, 8) for name in METRICS}
    slices = {
        "emotion": {e: {"talker/lip_correlation": Interval(v, v, 1.0, 3)} for e, v in (("sad", 0.8), ("happy", 0.9))}
    }
    sample = Sample(
        "a.mp4", "a.jpg", EVIL, "M003, sad", ["true", "made"], {"asked": [0, 0.5, 1], "seen": [0.1, 0.4, 0.9]}
    )
    baselines = {
        "No motion": {"style_a/psnr": Interval(17.0, 16.0, 18.0, 8)},
        "Style-A": {"style_a/psnr": summary["style_a/psnr"]},
    }
    return Results(summary, slices, baselines, [sample], ["Sync was left out: no sound."], {"Footage": "synthetic"})


def test_page(tmp_path: Path) -> None:
    page = write_report(results(), tmp_path)
    html = page.read_text()
    HTMLParser().feed(html)
    assert not re.search(r"https?://|//cdn|@import|<link", html)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    for metric in METRICS.values():
        assert metric.name in html
        assert metric.description.split("'")[0] in html.replace("&#39;", "'")
    assert 'src="a.mp4"' in html
    assert "Sync was left out" in html
    assert "nan" not in html.lower().replace("finance", "")


def test_a_bare_evaluation_renders(tmp_path: Path) -> None:
    html = write_report(Results({}), tmp_path).read_text()
    assert "See and hear" not in html
    assert "<h1>" in html


def test_same_results_same_bytes(tmp_path: Path) -> None:
    first = write_report(results(), tmp_path).read_bytes()
    assert write_report(results(), tmp_path).read_bytes() == first


def test_results_round_trip(tmp_path: Path) -> None:
    results().save(tmp_path)
    assert Results.load(tmp_path) == results()
    assert results().flat()["style_a/psnr"] == 0.5
    (tmp_path / "evaluation.json").write_text('{"summary": 3}')
    with pytest.raises(UserError, match="not an evaluation"):
        Results.load(tmp_path)
    with pytest.raises(UserError, match="missing"):
        Results.load(tmp_path / "nowhere")


def test_figures_are_for_people() -> None:
    assert figure(0.876, "share") == "88 %"
    assert figure(4.312, "dB") == "4.31 dB"
    assert figure(0.876, "r") == "0.88"
