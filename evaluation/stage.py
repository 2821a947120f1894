"""Measure the trained models on held-out clips, and write the figures and the HTML report."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from components.common.artifacts import FPS, atomic
from components.common.layout import Layout
from components.common.parallel import map_clips
from components.common.progress import console
from components.common.runtime import seed_everything
from components.runner.stage import Stage, main
from components.style_a.pipeline import ART
from components.talker.logged_model import log_talker
from components.talker.pipeline import load_style_e
from evaluation.parts.art import MOST_PORTRAITS, MOST_STILLS, ArtJob
from evaluation.parts.cases import Case, choose_cases, clip_table, held_out
from evaluation.parts.clip import ClipJob, Measured
from evaluation.parts.collect import baseline_table, clip_records, frechet_distances, speech_records
from evaluation.parts.judges import fit_judges
from evaluation.parts.pairs import PairJob
from evaluation.parts.style_e import measure_style_e
from evaluation.report.report import HEADLINES, write_report
from evaluation.summary.fingerprint import fingerprint
from evaluation.summary.results import Results, Summary
from evaluation.summary.slices import by_case, by_label, summarize

FOOTAGE = {
    "synthetic": "embedded corpus (rendered heads, synthetic speech)",
    "mead": "MEAD",
    "folder": "your own videos",
}
LABELS = ("emotion", "identity", "style")


class Job(Protocol):
    """A share of the work that a process of its own can do."""

    def run(self) -> Any:
        """The share's results."""


@dataclass(frozen=True)
class SpeechJob:
    """Style-E alone on unseen sentences."""

    model: Path
    sentences: int
    seed: int

    def run(self) -> dict[str, list[float]]:
        seed_everything(self.seed)
        return measure_style_e(load_style_e(self.model), self.sentences, self.seed)


def run_job(job: Job) -> Any:
    """What `map_clips` sends to processes."""
    return job.run()


def run(stage: Stage) -> Mapping[str, float]:
    """Evaluate; everything lands in `reports/`, the means also in `metrics/evaluate.json`."""
    params, runtime, layout = stage.params.evaluate, stage.params.runtime, stage.layout
    seed = runtime.seed
    seed_everything(seed)
    if layout.report.is_dir():
        shutil.rmtree(layout.report)
    layout.report.mkdir(parents=True)

    table = clip_table(layout)
    cases = choose_cases(layout, params.clips, params.samples, seed)
    jobs: list[Job] = [
        SpeechJob(layout.style_e, params.sentences, seed),
        ArtJob(
            layout.style_a / ART,
            _some_videos(layout, table, MOST_STILLS, known=True),
            _some_videos(layout, table, min(MOST_PORTRAITS, params.clips), known=False),
            seed,
        ),
        PairJob(stage.params, layout, seed),
        *(ClipJob(case, layout.root / "models", layout.report) for case in cases),
    ]
    start = time.monotonic()
    speech, arts, pairs, *drawn = map_clips(run_job, jobs, runtime.workers, "measuring speech, art and test clips")
    spent = time.monotonic() - start

    measured: list[Measured] = drawn
    judges = fit_judges(layout, table)
    records = [*clip_records(measured, judges), *arts, *pairs, *speech_records(speech, params.sentences)]
    results = Results(
        summary={**summarize(records, params.bootstrap, seed), **frechet_distances(measured)},
        slices={label: by_label(records, label, params.bootstrap, seed) for label in LABELS},
        baselines=baseline_table(measured, params.bootstrap, seed),
        samples=[m.sample for m in measured if m.sample is not None],
        left_out=[*judges.missing, *_unheard(cases, judges.emotions.labels if judges.emotions else ())],
        setting=_setting(stage, table, cases, measured),
        cases=by_case(records),
        frozen=fingerprint(layout, cases, {"sentences": params.sentences, "clips": params.clips, "seed": seed}),
    )
    results.save(layout.report)
    write_plot(layout.plots("evaluate"), results.slices["emotion"])
    page = write_report(results, layout.report)
    # Speed depends on the machine, and files must not: it goes to the tracker only.
    frames = sum(len(m.true_clip.coefficients) for m in measured)
    stage.tracker.log_metrics({"speed/evaluated_frames_per_second": frames / max(spent, 1e-9)})
    track_results(stage, results)
    console.print(f"report: {page}", markup=False, soft_wrap=True)
    return results.flat()


def track_results(stage: Stage, results: Results) -> None:
    """Figures, the report, a picture of each sample beside those of other runs, and the talker as one model."""
    layout, tracker = stage.layout, stage.tracker
    flat = results.flat()
    # Headlines first, for the note; all before the model, so that MLflow shows them on the model's page, too.
    tracker.log_metrics({name: round(flat[name], 6) for name in (*HEADLINES, *flat) if name in flat})
    tracker.set_tags({"evaluation.frozen": results.frozen})
    tracker.log_artifact(layout.report, "report")
    for sample in results.samples:
        tracker.log_image(layout.report / sample.poster, Path(sample.poster).stem)
    log_talker(tracker, layout)


def write_plot(path: Path, slices: Mapping[str, Summary]) -> None:
    """A CSV row for each emotion with the mean of every metric that all emotions have, for `dvc plots`."""
    shared = sorted(set.intersection(*(set(summary) for summary in slices.values()))) if slices else []
    rows = [
        {"emotion": emotion} | {m: round(summary[m].mean, 6) for m in shared} for emotion, summary in slices.items()
    ]
    with atomic(path) as temporary:
        pd.DataFrame(rows, columns=["emotion", *shared]).to_csv(temporary, index=False)


def _some_videos(layout: Layout, table: pd.DataFrame, count: int, known: bool) -> tuple[Path, ...]:
    """`count` clips of training people or of held-out ones, as many people as there are."""
    tested = held_out(table)
    rows = table[~table["identity"].isin(set(tested["identity"]))] if known else tested
    rows = rows if len(rows) else table
    turn = rows.groupby("identity").cumcount()
    firsts = rows.assign(_turn=turn).sort_values(["_turn", "clip_id"], kind="stable").head(count)
    return tuple(layout.prepared / video for video in firsts["video"])


def _unheard(cases: Sequence[Case], labels: Sequence[str]) -> list[str]:
    """Which test clips the emotion figures leave out, in a sentence."""
    bare = sum(case.emotion not in labels for case in cases)
    if not bare or not labels:
        return []
    why = "carry no emotion label, or one that no training clip has"
    return [f"The emotion figures of the whole talker leave out {bare} of {len(cases)} test clips, which {why}."]


def _setting(stage: Stage, table: pd.DataFrame, cases: Sequence[Case], measured: Sequence[Measured]) -> dict[str, str]:
    """Facts for the head of the report."""
    seconds = sum(len(m.true_clip.coefficients) for m in measured) / FPS
    people = len({case.identity for case in cases})
    split = {"test": "test", "val": "validation"}[str(held_out(table)["split"].iloc[0])]
    return {
        "Footage": FOOTAGE[stage.params.prepare.source],
        "Clips in all": str(len(table)),
        "Measured": f"{len(cases)} {split} clips, {seconds:.0f} s, of {people} {'person' if people == 1 else 'people'}",
        "Unseen sentences": str(stage.params.evaluate.sentences),
        "Seed": str(stage.params.runtime.seed),
    }


if __name__ == "__main__":
    sys.exit(main("evaluate", run))
