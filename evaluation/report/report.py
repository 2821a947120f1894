"""The evaluation as a web page: one folder with `index.html`, videos and pictures. It loads nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.artifacts import FPS
from evaluation.metrics.registry import METRICS, PARTS, Metric
from evaluation.report import charts
from evaluation.report.page import write_page
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Results, Summary

TEMPLATE = "report.html.jinja"
# What a visitor should see first.
HEADLINES = (
    "talker/lip_correlation",
    "talker/face_found_rate",
    "talker/emotion_accuracy",
    "style_e/jaw_open_correlation",
    "style_a/psnr_gain_over_no_motion",
    "art/style_accuracy",
)
# A figure of a judge means nothing without what the same judge says of the true video.
CEILINGS = {
    "talker/emotion_accuracy": "talker/emotion_accuracy_truth",
    "talker/sync_confidence": "talker/sync_confidence_truth",
}
# One metric a chart: which slices are worth a look.
SLICED = {
    "emotion": ("style_e/emotion_accuracy", "talker/lip_correlation", "style_a/psnr_gain_over_no_motion"),
    "identity": ("style_a/psnr_gain_over_no_motion", "talker/identity_similarity", "talker/lip_correlation"),
    "style": ("art/style_accuracy", "talker/styled_face_found_rate"),
}
COMPARED = ("style_a/psnr", "style_a/ssim", "style_a/face_landmark_distance", "style_a/lip_aperture_correlation")
OURS = "Style-A"  # among the methods compared
SETTING = ("Footage", "Measured", "Clips in all", "Unseen sentences", "Seed")  # order of the page; files are sorted
SLICE_TITLES = {"emotion": "By emotion", "identity": "By person", "style": "By art style"}


@dataclass(frozen=True)
class Row:
    """One figure. ceiling: what the same judge gives the true videos; "" where no judge is asked."""

    metric: Metric
    value: str
    low: str
    high: str
    count: int
    ceiling: str = ""


def figure(value: float, unit: str) -> str:
    """A value with its unit: shares as percent."""
    shown = plain(value, unit)
    return f"{shown} %" if unit == "share" else shown if unit in ("", "r", "cosine") else f"{shown} {unit}"


def plain(value: float, unit: str) -> str:
    """The same without the unit."""
    return f"{100 * value:.0f}" if unit == "share" else charts.number(value)


def row(metric: Metric, value: Interval, truth: Interval | None = None) -> Row:
    """truth: the same measure of the true videos."""
    return Row(
        metric,
        figure(value.mean, metric.unit),
        plain(value.low, metric.unit),
        plain(value.high, metric.unit),
        value.count,
        figure(truth.mean, metric.unit) if truth is not None else "",
    )


def headlines(summary: Summary) -> list[Row]:
    """What a visitor should see first, judges beside their ceilings."""
    found = [name for name in HEADLINES if name in summary]
    return [row(METRICS[name], summary[name], summary.get(CEILINGS.get(name, ""))) for name in found]


def tables(summary: Summary) -> list[dict[str, Any]]:
    """Per part of the system: its title and rows in the registry's order; parts without a value are left out."""
    parts = []
    for part, title in PARTS.items():
        rows = [row(m, summary[n]) for n, m in METRICS.items() if n.startswith(f"{part}/") and n in summary]
        if rows:
            parts.append({"title": title, "rows": rows})
    return parts


def slice_charts(slices: Mapping[str, Mapping[str, Summary]]) -> list[dict[str, Any]]:
    """Bar charts of some metrics per emotion, person and style; only where there is something to compare."""
    sections = []
    for label, names in SLICED.items():
        drawings = []
        for name in names:
            values = {key: summary[name] for key, summary in sorted(slices.get(label, {}).items()) if name in summary}
            if len(values) > 1:
                metric = METRICS[name]
                unit = metric.unit if metric.unit not in ("r", "cosine", "share") else ""
                drawings.append({"metric": metric, "svg": charts.bars(values, unit, f"{metric.title} {label}")})
        if drawings:
            sections.append({"title": SLICE_TITLES[label], "charts": drawings})
    return sections


def comparison(baselines: Mapping[str, Summary]) -> dict[str, Any] | None:
    """Methods against metrics on the same clips: the least able first, ours last."""
    metrics = [METRICS[name] for name in COMPARED if any(name in summary for summary in baselines.values())]
    if not metrics:
        return None
    rows = [
        {
            "method": method,
            "ours": method == OURS,
            "cells": [figure(summary[m.name].mean, m.unit) if m.name in summary else "–" for m in metrics],
        }
        for method, summary in sorted(baselines.items(), key=lambda entry: (entry[0] == OURS, _first(entry[1])))
    ]
    return {"metrics": metrics, "rows": rows}


def _first(summary: Summary) -> float:
    return summary[COMPARED[0]].mean if COMPARED[0] in summary else -math.inf


def in_order(setting: Mapping[str, str]) -> dict[str, str]:
    """The facts in the page's order; those that it does not know come last."""
    return {name: setting[name] for name in (*SETTING, *sorted(set(setting) - set(SETTING))) if name in setting}


def write_report(results: Results, folder: Path, media: str = "", facts: Mapping[str, str] | None = None) -> Path:
    """Render `folder/index.html`; returns the page.

    media: where videos and posters lie, from the folder, with a slash at its end ("": in the folder itself).
    facts: of the run, in order: what changes without a figure. A stage has none, since its outputs repeat byte by byte.
    """
    samples = [
        {
            "sample": sample,
            "svg": charts.curves(
                sample.curve, len(next(iter(sample.curve.values()))) / FPS, "Lip movement asked for and seen"
            )
            if sample.curve
            else "",
        }
        for sample in results.samples
    ]
    return write_page(
        folder / "index.html",
        TEMPLATE,
        setting=in_order(results.setting),
        media=media,
        facts=facts or {},
        headlines=headlines(results.summary),
        samples=samples,
        tables=tables(results.summary),
        comparison=comparison(results.baselines),
        slices=slice_charts(results.slices),
        left_out=results.left_out,
        arrow=lambda metric: {True: "↑", False: "↓", None: ""}[metric.higher_is_better],
    )
