"""One small regressor and the people it never saw, shared by this folder's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import (
    SIZE,
    FitJob,
    TestJob,
    TrackedClip,
    render_test_person,
    render_training_person,
)

MEDIA = Path(__file__).parents[4] / "shared" / "media"
RIDGE = 30.0


@pytest.fixture(scope="session")
def media() -> Path:
    if not MEDIA.is_dir():
        pytest.skip(f"the sample media are not at {MEDIA}")
    return MEDIA


@pytest.fixture(scope="session")
def fitted_clips() -> list[TrackedClip]:
    """Three rendered people, 60 frames in all: enough to train something, not to train it well."""
    return [clip for person in range(3) for clip in render_training_person(FitJob(7, person, 4, 5))]


@pytest.fixture(scope="session")
def regressor(fitted_clips: list[TrackedClip]) -> Regressor:
    return Regressor.fit([c.landmarks for c in fitted_clips], [c.coefficients for c in fitted_clips], RIDGE, SIZE)


@pytest.fixture(scope="session")
def unseen_clips() -> list[TrackedClip]:
    """Three H.264-coded clips of three people in no training set."""
    return [clip for person in range(3) for clip in render_test_person(TestJob(7, person, 1, 40))]
