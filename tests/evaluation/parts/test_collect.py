"""Results say what was measured, by whom it was judged, and what could not be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from components.common.artifacts import ClipCoefficients
from components.common.clips import read_clips
from components.common.layout import Layout
from components.common.media import read_audio
from components.common.params import Evaluate, Params
from evaluation.metrics.registry import METRICS
from evaluation.parts.cases import Case, choose_cases
from evaluation.parts.clip import MeasuredClip
from evaluation.parts.collect import (
    baseline_table,
    clip_records,
    collect,
    frechet_distances,
    sentence_records,
    setting,
    unlabeled,
)
from evaluation.parts.jobs import Measurements
from evaluation.parts.judges import fit_judges
from evaluation.parts.reenactment import METHODS
from evaluation.summary.slices import by_label, summarize

Prepared = Callable[..., Layout]


def measured(case: Case) -> MeasuredClip:
    """As if the models had drawn the true clip itself."""
    truth = ClipCoefficients.load(case.clip.coefficients)
    looks = np.random.default_rng(case.seed).normal(size=(8, 4))
    values = {"talker/lip_correlation": 0.9}
    baselines = {name: {"style_a/psnr": 20.0} for name in METHODS}
    appearances = {"true": looks, "talker": looks, "style_a": looks + 1}
    return MeasuredClip(case, values, baselines, truth, truth, read_audio(case.clip.audio), appearances, {}, None)


def test_labeled_footage(prepared: Prepared) -> None:
    clips = read_clips(prepared(people=4), annotated=True)
    judges = fit_judges(clips)
    assert judges.missing == []
    drawn = [measured(case) for case in choose_cases(clips, 3, 0, 0)]
    records = clip_records(drawn, judges)
    summary = summarize(records, 20, 0)
    assert summary["talker/emotion_accuracy"].mean == 1.0
    assert summary["talker/text_retrieval"].mean == 1.0
    assert summary["talker/sync_confidence"].mean == summary["talker/sync_confidence_truth"].mean
    assert set(by_label(records, "emotion", 20, 0)) == {"neutral", "happy", "sad"}
    distances = frechet_distances(drawn)
    assert distances["talker/frechet_face_distance"].mean < 1e-6 < distances["style_a/frechet_face_distance"].mean
    assert list(baseline_table(drawn, 20, 0)) == list(METHODS)


def test_bare_footage_leaves_emotion_out_and_says_so(prepared: Prepared) -> None:
    layout = prepared(people=3, labeled=False)
    clips = read_clips(layout, annotated=True)
    cases = choose_cases(clips, 3, 0, 0)
    measurements = Measurements({"style_e/closure_rate": [1.0, 0.0]}, [], [], [measured(case) for case in cases])
    params = Params(evaluate=Evaluate(bootstrap=20))
    results = collect(params, layout, clips, cases, measurements, fit_judges(clips))
    assert "talker/emotion_accuracy" not in results.summary
    assert {"talker/sync_confidence", "style_e/closure_rate"} <= set(results.summary) <= set(METRICS)
    assert any("no emotion labels" in sentence for sentence in results.left_out)
    assert set(results.slices) == {"emotion", "identity", "style"}
    assert set(results.cases["talker/sync_confidence"]) == {case.clip.clip_id for case in cases}
    assert results.setting["Measured"] == "3 test clips, 2 s, of 1 person"
    assert len(results.frozen) == 16


def test_sentences_are_sliced_by_emotion() -> None:
    values = {"style_e/emotion_accuracy": [1.0] * 8 + [0.0] * 8, "style_e/closure_rate": [1.0] * 5}
    slices = by_label(sentence_records(values, 16), "emotion", 20, 0)
    assert len(slices) == 8
    assert slices["happy"]["style_e/emotion_accuracy"].mean == 0.5
    assert all("style_e/closure_rate" not in metrics for metrics in slices.values())


def test_no_distance_without_faces() -> None:
    assert frechet_distances([]) == {}


def test_unlabeled_clips_are_counted(prepared: Prepared) -> None:
    cases = choose_cases(read_clips(prepared(), annotated=True), 3, 0, 0)
    assert unlabeled(cases, ("neutral", "happy", "sad")) == []
    assert unlabeled(cases, ()) == []  # nobody judges emotion: said elsewhere
    (sentence,) = unlabeled(cases, ("neutral", "angry"))
    assert "leave out 2 of 3 test clips" in sentence


@pytest.mark.parametrize(("split", "word"), [("test", "test"), ("val", "validation")])
def test_the_setting_names_the_split(prepared: Prepared, split: str, word: str) -> None:
    clips = [
        replace(clip, split=split if clip.split == "test" else "train")
        for clip in read_clips(prepared(), annotated=True)
    ]
    facts = setting(Params(), clips, choose_cases(clips, 2, 0, 0), 1000)
    assert facts["Measured"] == f"2 {word} clips, 40 s, of 1 person"
    assert facts["Clips in all"] == "9"
