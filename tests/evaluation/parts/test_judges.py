"""What the judges learn: usual expressions, candidates, faces of people; and what they say they cannot learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from components.common.artifacts import ClipCoefficients
from components.common.clips import read_clips
from components.common.layout import Layout
from evaluation.metrics.face_features import SIDE
from evaluation.parts.judges import Judges, aligned_faces, fit_judges, lip_curves, some_faces

Prepared = Callable[..., Layout]


def test_judges_learn_from_accepted_training_clips(prepared: Prepared) -> None:
    clips = read_clips(prepared(people=4, rejected=["p0_happy_1"]), annotated=True)
    judges = fit_judges(clips)
    assert judges.missing == []
    assert judges.candidate_emotions == ("neutral", "happy", "sad")
    assert judges.candidates is not None
    assert judges.candidates.shape[0] == 3
    assert judges.emotions is not None
    assert judges.emotions.labels == ("happy", "neutral", "sad")
    assert judges.people is not None
    assert judges.people.names == ("p0", "p1", "p2", "p3")
    assert set(judges.expressions) == {"p0", "p1", "p2", "p3"}


def test_little_footage_is_said(prepared: Prepared) -> None:
    clips = read_clips(prepared(people=2), annotated=True)
    one = [clip for clip in clips if clip.identity == "p0"]
    judges = fit_judges(one)
    assert (judges.emotions, judges.texts, judges.lips, judges.people) == (None, None, None, None)
    assert [sentence.split(":")[0] for sentence in judges.missing] == [
        "Emotion seen and text found again", "Lip sync", "Same person",
    ]  # fmt: skip


def test_unlabeled_clips_teach_no_emotion(prepared: Prepared) -> None:
    clips = [replace(clip, emotion="") for clip in read_clips(prepared(people=3), annotated=True)]
    judges = fit_judges(clips)
    assert judges.emotions is None
    assert judges.lips is not None
    assert any("no emotion labels" in sentence for sentence in judges.missing)


def test_deviation_is_from_the_persons_own_expression() -> None:
    judges = Judges(expressions={"a": np.full(58, 0.25, np.float32)})
    motion = np.ones((3, 58), np.float32)
    assert (judges.deviation(motion, "a") == 0.75).all()
    assert (judges.deviation(motion, "stranger") == 1).all()


def test_faces_come_from_frames_where_one_was_seen(prepared: Prepared) -> None:
    clip = read_clips(prepared(), annotated=True)[0]
    tracked = ClipCoefficients.load(clip.coefficients)
    assert len(some_faces(clip, 3)) == 3
    tracked.valid[:] = False
    tracked.save(clip.coefficients)
    assert some_faces(clip, 3) == []
    tracked.valid[[2, 7]] = True
    tracked.save(clip.coefficients)
    assert len(some_faces(clip, 5)) == 2
    frames = [np.zeros((64, 64, 3), np.uint8)] * 20
    faces = aligned_faces(frames, tracked, 1)
    assert [face.shape for face in faces] == [(SIDE, SIDE, 3)] * 2
    assert aligned_faces(frames, tracked, 5) == []


def test_lip_curves_are_aperture_and_width(prepared: Prepared) -> None:
    tracked = ClipCoefficients.load(read_clips(prepared(), annotated=True)[0].coefficients)
    curves = lip_curves(tracked.landmarks)
    assert curves.shape == (20, 2)
    assert curves[:, 1] == pytest.approx(12 / 24)  # corners 12 apart, eyes 24
