"""From what the workers measured to the results: judges' verdicts, distances over all clips, means and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from components.common.artifacts import EMOTIONS, FPS
from components.common.clips import Clip
from components.common.layout import Layout
from components.common.params import Params
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.lip_sync import measure_sync
from evaluation.parts.cases import Case, held_out
from evaluation.parts.clip import MeasuredClip
from evaluation.parts.jobs import Measurements
from evaluation.parts.judges import Judges, lip_curves
from evaluation.parts.reenactment import METHODS
from evaluation.summary.confidence import Interval
from evaluation.summary.fingerprint import fingerprint
from evaluation.summary.results import Results, Summary
from evaluation.summary.slices import Record, by_case, by_label, summarize

LABELS = ("emotion", "identity", "style")
FOOTAGE = {
    "synthetic": "embedded corpus (rendered heads, synthetic speech)",
    "mead": "MEAD",
    "folder": "your own videos",
}


def collect(
    params: Params,
    layout: Layout,
    clips: Sequence[Clip],
    cases: Sequence[Case],
    measurements: Measurements,
    judges: Judges,
) -> Results:
    """Everything that the report shows. clips: all accepted ones; cases: those of them that were drawn."""
    seed, resamples, sentences = params.runtime.seed, params.evaluate.bootstrap, params.evaluate.sentences
    measured = measurements.clips
    records = [
        *clip_records(measured, judges),
        *measurements.art,
        *measurements.pairs,
        *sentence_records(measurements.style_e, sentences),
    ]
    return Results(
        summary={**summarize(records, resamples, seed), **frechet_distances(measured)},
        slices={label: by_label(records, label, resamples, seed) for label in LABELS},
        baselines=baseline_table(measured, resamples, seed),
        samples=[clip.sample for clip in measured if clip.sample is not None],
        left_out=[*judges.missing, *unlabeled(cases, judges.emotions.labels if judges.emotions else ())],
        setting=setting(params, clips, cases, measurements.frames),
        cases=by_case(records),
        frozen=fingerprint(layout, cases, {"sentences": sentences, "clips": params.evaluate.clips, "seed": seed}),
    )


def verdicts(measured: MeasuredClip, judges: Judges) -> dict[str, float]:
    """What the judges say of one generated clip; metrics whose judge is missing are left out."""
    values: dict[str, float] = {}
    clip = measured.case.clip
    if judges.lips is not None:
        generated = measure_sync(judges.lips, measured.audio, lip_curves(measured.generated.landmarks))
        true = measure_sync(judges.lips, measured.audio, lip_curves(measured.truth.landmarks))
        values["talker/sync_confidence"] = generated.confidence
        values["talker/sync_confidence_truth"] = true.confidence
        values["talker/sync_offset"] = float(abs(generated.offset))
    motion = judges.deviation(measured.generated.coefficients, clip.identity)
    if judges.emotions is not None and clip.emotion in judges.emotions.labels:
        true_motion = judges.deviation(measured.truth.coefficients, clip.identity)
        values["talker/emotion_accuracy"] = float(judges.emotions.predict(motion) == clip.emotion)
        values["talker/emotion_accuracy_truth"] = float(judges.emotions.predict(true_motion) == clip.emotion)
    if judges.texts is not None and judges.candidates is not None and clip.emotion in judges.candidate_emotions:
        right = judges.candidate_emotions.index(clip.emotion)
        values["talker/text_retrieval"] = float(judges.texts.finds(motion, judges.candidates, right))
    if judges.people is not None and clip.identity in judges.people.names:
        for part, descriptors in measured.descriptors.items():
            values[f"{part}/identity_similarity"] = judges.people.similarity(descriptors, clip.identity)
    return values


def frechet_distances(measured: Sequence[MeasuredClip]) -> dict[str, Interval]:
    """Over the frames of all clips at once; as one number it has no interval over clips."""
    pooled = {
        name: np.concatenate([m.appearances[name] for m in measured if name in m.appearances] or [np.zeros((0, 1))])
        for name in ("true", "style_a", "talker")
    }
    distances = {part: frechet_distance(pooled[part], pooled["true"]) for part in ("style_a", "talker")}
    return {
        f"{part}/frechet_face_distance": Interval(distance, distance, distance, len(measured))
        for part, distance in distances.items()
        if np.isfinite(distance)
    }


def clip_records(measured: Sequence[MeasuredClip], judges: Judges) -> list[Record]:
    """One record a clip, with everything measured on it."""
    return [Record(m.case.clip.clip_id, {**m.values, **verdicts(m, judges)}, m.case.labels) for m in measured]


def baseline_table(measured: Sequence[MeasuredClip], resamples: int, seed: int) -> dict[str, Summary]:
    """Method -> metric -> interval on the same clips, worst method first."""
    return {
        method: summarize([Record(m.case.clip.clip_id, m.baselines[method], {}) for m in measured], resamples, seed)
        for method in METHODS
    }


def sentence_records(values: Mapping[str, Sequence[float]], sentences: int) -> list[Record]:
    """Style-E's figures as records. Sentences take turns through the emotions, which gives their slices."""
    records = []
    for name, numbers in values.items():
        for i, number in enumerate(numbers):
            emotion = EMOTIONS[i % len(EMOTIONS)] if len(numbers) == sentences else ""
            records.append(Record(f"{name} {i}", {name: number}, {"emotion": emotion}))
    return records


def unlabeled(cases: Sequence[Case], labels: Sequence[str]) -> list[str]:
    """Which test clips the emotion figures leave out, in a sentence."""
    count = sum(case.clip.emotion not in labels for case in cases)
    if not count or not labels:
        return []
    why = "carry no emotion label, or one that no training clip has"
    return [f"The emotion figures of the whole talker leave out {count} of {len(cases)} test clips, which {why}."]


def setting(params: Params, clips: Sequence[Clip], cases: Sequence[Case], frames: int) -> dict[str, str]:
    """Facts for the head of the report. frames: of all test clips together."""
    people = len({case.clip.identity for case in cases})
    split = {"test": "test", "val": "validation"}[held_out(clips)[0].split]
    persons = f"{people} {'person' if people == 1 else 'people'}"
    return {
        "Footage": FOOTAGE[params.prepare.source],
        "Clips in all": str(len(clips)),
        "Measured": f"{len(cases)} {split} clips, {frames / FPS:.0f} s, of {persons}",
        "Unseen sentences": str(params.evaluate.sentences),
        "Seed": str(params.runtime.seed),
    }
