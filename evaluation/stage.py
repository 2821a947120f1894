"""Measure the trained models on held-out clips, and write the figures and the HTML report."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence

import pandas as pd

from components.common.artifacts import FPS
from components.common.layout import Layout
from components.common.media import Image, read_frames
from components.common.parallel import map_clips
from components.common.progress import console
from components.common.runtime import seed_everything
from components.common.stage import Stage, main
from components.style_a.art.stylist import ArtStylist
from components.style_a.pipeline import ART
from components.style_e.pipeline import StyleEPipeline
from evaluation.arts import MOST_PORTRAITS, MOST_STILLS, style_records
from evaluation.cases import Case, choose_cases, clip_table, held_out
from evaluation.collect import baseline_table, clip_records, frechet_distances, speech_records
from evaluation.judges import fit_judges
from evaluation.measure import Job, Measured, measure
from evaluation.report import write_report
from evaluation.results import Results
from evaluation.slices import by_label, summarize
from evaluation.speech import measure_style_e

FOOTAGE = {
    "synthetic": "embedded corpus (rendered heads, synthetic speech)",
    "mead": "MEAD",
    "folder": "your own videos",
}


def run(stage: Stage) -> Mapping[str, float]:
    """Evaluate; everything lands in `reports/`, the means also in `metrics/evaluate.json`."""
    params, layout = stage.params.evaluate, stage.layout
    seed = stage.params.runtime.seed
    seed_everything(seed)
    if layout.report.is_dir():
        shutil.rmtree(layout.report)
    layout.report.mkdir(parents=True)

    table = clip_table(layout)
    cases = choose_cases(layout, params.clips, params.samples, seed)
    start = time.monotonic()
    jobs = [Job(case, layout.root / "models", layout.report) for case in cases]
    measured = map_clips(measure, jobs, stage.params.runtime.workers, "drawing test clips")
    spent = time.monotonic() - start

    judges = fit_judges(layout, table)
    clips = clip_records(measured, judges)
    stylist = ArtStylist.from_pretrained(layout.style_a / ART)
    console.print("painting portraits in every art style")
    arts = style_records(
        stylist, _stills(layout, table, MOST_STILLS, True), _stills(layout, table, MOST_PORTRAITS, False), seed
    )
    console.print(f"speaking {params.sentences} unseen sentences")
    style_e = StyleEPipeline.from_pretrained(layout.style_e)
    speech = speech_records(measure_style_e(style_e, params.sentences, seed), params.sentences)
    records = clips + arts + speech
    results = Results(
        summary={**summarize(records, params.bootstrap, seed), **frechet_distances(measured)},
        slices={label: by_label(records, label, params.bootstrap, seed) for label in ("emotion", "identity", "style")},
        baselines=baseline_table(measured, params.bootstrap, seed),
        samples=[m.sample for m in measured if m.sample is not None],
        left_out=[*judges.missing, *_unlabeled(cases)],
        setting=_setting(stage, table, cases, measured),
    )
    results.save(layout.report)
    page = write_report(results, layout.report)
    # Speed depends on the machine, and files must not: it goes to the tracker and the screen only.
    drawn = sum(len(m.true_clip.coefficients) for m in measured)
    stage.tracker.log_metrics({"speed/evaluated_frames_per_second": drawn / max(spent, 1e-9)})
    stage.tracker.log_artifact(layout.report, "report")
    console.print(f"report: {page}", markup=False)
    return results.flat()


def _stills(layout: Layout, table: pd.DataFrame, count: int, known: bool) -> list[Image]:
    """First frames of `count` clips, of training people or of held-out ones, as many people as there are."""
    tested = held_out(table)
    rows = table[~table["identity"].isin(set(tested["identity"]))] if known else tested
    turn = rows.groupby("identity").cumcount()
    firsts = rows.assign(_turn=turn).sort_values(["_turn", "clip_id"], kind="stable").head(count)
    return [next(read_frames(layout.prepared / video)) for video in firsts["video"]]


def _unlabeled(cases: Sequence[Case]) -> list[str]:
    """What cannot be said of clips without a label, in a sentence."""
    bare = sum(not case.emotion for case in cases)
    if not bare:
        return []
    return [f"Emotion figures leave out {bare} of {len(cases)} test clips, which carry no emotion label."]


def _setting(stage: Stage, table: pd.DataFrame, cases: Sequence[Case], measured: Sequence[Measured]) -> dict[str, str]:
    """Facts for the head of the report."""
    seconds = sum(len(m.true_clip.coefficients) for m in measured) / FPS
    tested = held_out(table)
    return {
        "Footage": FOOTAGE[stage.params.prepare.source],
        "Clips in all": str(len(table)),
        "Measured": f"{len(cases)} {tested['split'].iloc[0]} clips of {len({c.identity for c in cases})} unseen people",
        "Length": f"{seconds:.0f} s",
        "Unseen sentences": str(stage.params.evaluate.sentences),
        "Seed": str(stage.params.runtime.seed),
    }


if __name__ == "__main__":
    sys.exit(main("evaluate", run))
