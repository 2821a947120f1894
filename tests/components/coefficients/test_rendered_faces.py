"""Rendered people: the same job gives the same clips, truth and landmarks of the same frames, nobody twice."""

from __future__ import annotations

import numpy as np

from components.coefficients.rendered_faces import SIZE, FitJob, TrackedClip, render_training_person
from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS, WEIGHTS
from components.common.artifacts import EMOTIONS
from components.face.mesh import LEFT_EYE, RIGHT_EYE


def test_the_same_job_renders_the_same(fitted_clips: list[TrackedClip]) -> None:
    again = render_training_person(FitJob(7, 0, 4, 5))
    for one, two in zip(fitted_clips[:4], again, strict=True):
        assert np.array_equal(one.landmarks, two.landmarks)
        assert np.array_equal(one.coefficients, two.coefficients)


def test_truth_and_landmarks_are_of_the_same_frames(
    fitted_clips: list[TrackedClip], unseen_clips: list[TrackedClip]
) -> None:
    for clip in (*fitted_clips, *unseen_clips):
        frames = len(clip.landmarks)
        assert clip.landmarks.shape == (frames, LANDMARKS, 3)
        assert clip.coefficients.shape == (frames, COEFFICIENTS)
        assert clip.emotion in EMOTIONS
        assert clip.coefficients[:, :WEIGHTS].min() >= 0
        assert clip.coefficients[:, :WEIGHTS].max() <= 1
        eyes = clip.landmarks[:, [LEFT_EYE.outer, RIGHT_EYE.outer], :2].mean(1) / SIZE - 0.5
        truth = clip.coefficients[:, [INDEX["tx"], INDEX["ty"]]]
        assert np.abs(eyes - truth).max() < 0.06  # crop sides; an eye distance is about 0.35


def test_people_to_fit_on_and_to_test_with_differ(
    fitted_clips: list[TrackedClip], unseen_clips: list[TrackedClip]
) -> None:
    faces = [clip.landmarks.mean(0) for clip in (fitted_clips[0], fitted_clips[4], *unseen_clips)]
    for i, one in enumerate(faces):
        for other in faces[:i]:
            assert np.abs(one - other).max() > 5  # pixels
