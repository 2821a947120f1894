"""From what the workers measured to the results: judges' verdicts, distances over all clips, means and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from components.common.artifacts import EMOTIONS
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.lip_sync import measure_sync
from evaluation.parts.clip import Measured
from evaluation.parts.judges import Judges, lip_curves
from evaluation.parts.reenactment import METHODS
from evaluation.summary.confidence import Interval
from evaluation.summary.results import Summary
from evaluation.summary.slices import Record, summarize


def verdicts(measured: Measured, judges: Judges) -> dict[str, float]:
    """What the judges say of one generated clip; metrics whose judge is missing are left out."""
    values: dict[str, float] = {}
    case = measured.case
    if judges.lips is not None:
        made = measure_sync(judges.lips, measured.audio, lip_curves(measured.seen.landmarks))
        spoken = measure_sync(judges.lips, measured.audio, lip_curves(measured.true_clip.landmarks))
        values["talker/sync_confidence"] = made.confidence
        values["talker/sync_confidence_truth"] = spoken.confidence
        values["talker/sync_offset"] = float(abs(made.offset))
    seen = judges.departure(measured.seen.coefficients, case.identity)
    if judges.emotions is not None and case.emotion in judges.emotions.labels:
        values["talker/emotion_accuracy"] = float(judges.emotions.read(seen) == case.emotion)
        true = judges.departure(measured.true_clip.coefficients, case.identity)
        values["talker/emotion_accuracy_truth"] = float(judges.emotions.read(true) == case.emotion)
    if judges.texts is not None and judges.candidates is not None and case.emotion in judges.candidate_emotions:
        right = judges.candidate_emotions.index(case.emotion)
        values["talker/text_retrieval"] = float(judges.texts.finds(seen, judges.candidates, right))
    if judges.people is not None and case.identity in judges.people.names:
        for part, faces in measured.people.items():
            values[f"{part}/identity_similarity"] = judges.people.similarity(faces, case.identity)
    return values


def frechet_distances(measured: Sequence[Measured]) -> dict[str, Interval]:
    """Over the frames of all clips at once; as one number it has no interval over clips."""
    pooled = {
        name: np.concatenate([m.looks[name] for m in measured if name in m.looks] or [np.zeros((0, 1))])
        for name in ("true", "style_a", "talker")
    }
    found: dict[str, Interval] = {}
    for part in ("style_a", "talker"):
        distance = frechet_distance(pooled[part], pooled["true"])
        if np.isfinite(distance):
            found[f"{part}/frechet_face_distance"] = Interval(distance, distance, distance, len(measured))
    return found


def clip_records(measured: Sequence[Measured], judges: Judges) -> list[Record]:
    """One record a clip, with everything measured on it."""
    return [Record(m.case.clip_id, {**m.values, **verdicts(m, judges)}, m.case.labels) for m in measured]


def baseline_table(measured: Sequence[Measured], resamples: int, seed: int) -> dict[str, Summary]:
    """Method -> metric -> interval on the same clips, worst method first."""
    return {
        method: summarize([Record(m.case.clip_id, m.baselines[method], {}) for m in measured], resamples, seed)
        for method in METHODS
    }


def speech_records(values: Mapping[str, Sequence[float]], sentences: int) -> list[Record]:
    """Style-E's figures as records. Sentences take turns through the emotions, which gives their slices."""
    records = []
    for name, numbers in values.items():
        for i, number in enumerate(numbers):
            emotion = EMOTIONS[i % len(EMOTIONS)] if len(numbers) == sentences else ""
            records.append(Record(f"{name} {i}", {name: number}, {"emotion": emotion}))
    return records
