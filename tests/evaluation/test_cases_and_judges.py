"""Which clips are measured, and what the judges learn from labeled and from bare footage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from components.common.artifacts import ClipCoefficients
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.media import read_audio
from evaluation.parts.cases import Case, choose_cases, clip_table, held_out, spread
from evaluation.parts.clip import Measured
from evaluation.parts.collect import baseline_table, clip_records, frechet_distances, speech_records
from evaluation.parts.judges import fit_judges
from evaluation.parts.reenactment import METHODS
from evaluation.summary.slices import by_label, summarize

Prepared = Callable[..., Layout]


def test_cases_are_test_clips_with_a_calm_portrait(prepared: Prepared) -> None:
    layout = prepared()
    cases = choose_cases(layout, 5, 2, 7)
    assert {case.identity for case in cases} == {"p2"}
    assert len(cases) == 3
    assert [bool(case.sample) for case in cases] == [True, True, False]
    sad = next(case for case in cases if case.emotion == "sad")
    assert "neutral" in sad.portrait_video.name
    assert "p2" not in sad.style_video.name
    assert sad.text == "the person is sad"
    assert all(path.is_file() for path in (sad.video, sad.audio, sad.coefficients, sad.portrait_coefficients))
    assert choose_cases(layout, 5, 2, 7) == cases


def test_spread_takes_emotions_and_people_in_turn() -> None:
    rows = pd.DataFrame(
        [
            {"clip_id": f"{person}{emotion}{n}", "identity": person, "emotion": emotion, "intensity": n}
            for person in "ab"
            for emotion in ("happy", "sad", "neutral")
            for n in (1, 2, 3)
        ]
    )
    first = spread(rows, 6)
    assert list(first["emotion"][:3]) == ["neutral", "happy", "sad"]
    assert set(zip(first["emotion"], first["identity"], strict=True)) == {
        (emotion, person) for emotion in ("neutral", "happy", "sad") for person in "ab"
    }
    assert set(first["intensity"]) == {3}
    assert len(spread(rows, 99)) == len(rows)


def test_nothing_held_out_is_one_line(prepared: Prepared) -> None:
    table = clip_table(prepared())
    assert set(held_out(table)["identity"]) == {"p2"}
    with pytest.raises(UserError, match="held out"):
        held_out(table[table["split"] == "train"])


def measured(case: Case) -> Measured:
    """As if the models had drawn the true clip itself."""
    clip = ClipCoefficients.load(case.coefficients)
    looks = np.random.default_rng(case.seed).normal(size=(8, 4))
    values = {"talker/lip_correlation": 0.9}
    baselines = {name: {"style_a/psnr": 20.0} for name in METHODS}
    named = {"true": looks, "talker": looks, "style_a": looks + 1}
    return Measured(case, values, baselines, clip, clip, read_audio(case.audio), named, {}, None)


def test_labeled_footage(prepared: Prepared) -> None:
    layout = prepared(people=4)
    judges = fit_judges(layout, clip_table(layout))
    assert judges.missing == []
    drawn = [measured(case) for case in choose_cases(layout, 3, 0, 0)]
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
    judges = fit_judges(layout, clip_table(layout))
    assert judges.emotions is None
    assert any("no emotion labels" in sentence for sentence in judges.missing)
    records = clip_records([measured(case) for case in choose_cases(layout, 3, 0, 0)], judges)
    summary = summarize(records, 20, 0)
    assert "talker/emotion_accuracy" not in summary
    assert "talker/sync_confidence" in summary


def test_speech_figures_are_sliced_by_emotion() -> None:
    records = speech_records({"style_e/emotion_accuracy": [1.0] * 8 + [0.0] * 8, "style_e/closure_rate": [1.0] * 5}, 16)
    slices = by_label(records, "emotion", 20, 0)
    assert len(slices) == 8
    assert slices["happy"]["style_e/emotion_accuracy"].mean == 0.5
    assert all("style_e/closure_rate" not in values for values in slices.values())
