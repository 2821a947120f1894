"""Slices and summaries count exactly the clips that have the metric and the label."""

from __future__ import annotations

from evaluation.summary.slices import Record, by_case, by_label, summarize, values_of

RECORDS = [
    Record("a", {"style_a/psnr": 20.0, "style_a/ssim": float("nan")}, {"emotion": "happy", "identity": "M1"}),
    Record("b", {"style_a/psnr": 30.0}, {"emotion": "happy", "identity": "M2"}),
    Record("c", {"style_a/psnr": 40.0}, {"emotion": "", "identity": "M2"}),
]


def test_summary_leaves_out_what_is_undefined() -> None:
    summary = summarize(RECORDS, 50, 0)
    assert set(summary) == {"style_a/psnr"}
    assert summary["style_a/psnr"].mean == 30.0
    assert values_of(RECORDS, "style_a/ssim")[1:] == []


def test_slices() -> None:
    slices = by_label(RECORDS, "emotion", 50, 0)
    assert set(slices) == {"happy"}
    assert slices["happy"]["style_a/psnr"].count == 2
    assert by_label(RECORDS, "identity", 50, 0)["M2"]["style_a/psnr"].mean == 35.0


def test_values_by_case_leave_out_what_is_undefined() -> None:
    records = [Record("a", {"x": 1.0, "y": float("nan")}, {}), Record("b", {"x": 2.0}, {})]
    assert by_case(records) == {"x": {"a": 1.0, "b": 2.0}}
