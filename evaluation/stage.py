"""Measure the trained models on held-out clips, and write the figures and the HTML report."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from components.common.artifacts import atomic
from components.common.clips import read_clips
from components.common.progress import console
from components.common.runtime import seed_everything
from components.runner.stage import Stage, main
from components.talker.logged_model import log_talker
from components.talker.pipeline import Talker
from evaluation.parts.cases import choose_cases
from evaluation.parts.collect import collect
from evaluation.parts.jobs import measure_parts
from evaluation.parts.judges import fit_judges
from evaluation.report.report import HEADLINES, write_report
from evaluation.summary.results import Results, Summary


def run(stage: Stage) -> Mapping[str, float]:
    """Evaluate; everything lands in `reports/`, the means also in `metrics/evaluate.json`."""
    params, layout = stage.params, stage.layout
    seed = params.runtime.seed
    seed_everything(seed)
    Talker.from_pretrained(layout.root / "models")  # complain before the work starts
    if layout.report.is_dir():
        shutil.rmtree(layout.report)
    layout.report.mkdir(parents=True)

    clips = read_clips(layout, annotated=True)
    cases = choose_cases(clips, params.evaluate.clips, params.evaluate.samples, seed)
    start = time.monotonic()
    measurements = measure_parts(params, layout, clips, cases)
    seconds = time.monotonic() - start
    results = collect(params, layout, clips, cases, measurements, fit_judges(clips))

    results.save(layout.report)
    write_plot(layout.plots("evaluate"), results.slices["emotion"])
    page = write_report(results, layout.report)
    # Speed depends on the machine, and files must not: it goes to the tracker only.
    stage.tracker.log_metrics({"speed/evaluated_frames_per_second": measurements.frames / max(seconds, 1e-9)})
    track_results(stage, results)
    console.print(f"report: {page}", markup=False, soft_wrap=True)
    return results.flat()


def track_results(stage: Stage, results: Results) -> None:
    """Figures, the report, a picture of each sample beside those of other runs, and the talker as one model."""
    layout, tracker = stage.layout, stage.tracker
    means = results.flat()
    # Headlines first, for the note; all before the model, so that MLflow shows them on the model's page, too.
    tracker.log_metrics({name: round(means[name], 6) for name in (*HEADLINES, *means) if name in means})
    tracker.set_tags({"evaluation.frozen": results.frozen})
    tracker.log_artifact(layout.report, "report")
    for sample in results.samples:
        tracker.log_image(layout.report / sample.poster, Path(sample.poster).stem)
    log_talker(tracker, layout)


def write_plot(path: Path, slices: Mapping[str, Summary]) -> None:
    """A CSV row for each emotion with the mean of every metric that all emotions have, for `dvc plots`."""
    shared = sorted(set.intersection(*(set(summary) for summary in slices.values()))) if slices else []
    rows = [
        {"emotion": emotion} | {name: round(summary[name].mean, 6) for name in shared}
        for emotion, summary in slices.items()
    ]
    with atomic(path) as temporary:
        pd.DataFrame(rows, columns=["emotion", *shared]).to_csv(temporary, index=False)


if __name__ == "__main__":
    sys.exit(main("evaluate", run))
