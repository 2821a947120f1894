"""The slope of readings on the truth: recovered from known readings, and left at 1 where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.coefficients.attenuation import LEAST_SLOPE, attenuation_of, measure_attenuation
from components.coefficients.rendered_faces import TrackedClip
from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS

PEOPLE = np.repeat(np.arange(10), 8)


def _readings(slope: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True clip means and their readings: that slope, each person's own bias, a little noise."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 1, (len(PEOPLE), COEFFICIENTS))
    bias = rng.normal(0, 0.5, (10, COEFFICIENTS))[PEOPLE]
    return truth, slope * truth + bias + rng.normal(0, 0.02, truth.shape)


@given(slope=st.floats(0.5, 1.0), seed=st.integers(0, 99))
def test_the_slope_is_found_whatever_the_people_look_like(slope: float, seed: int) -> None:
    attenuation = attenuation_of(*_readings(slope, seed), PEOPLE)
    assert attenuation.shape == (WEIGHTS,)
    np.testing.assert_allclose(attenuation, slope, atol=0.04)


def test_readings_are_at_most_doubled() -> None:
    assert (attenuation_of(*_readings(0.2), PEOPLE) == np.float32(LEAST_SLOPE)).all()


def test_nothing_is_said_of_what_never_moves_or_is_not_seen() -> None:
    truth, readings = _readings(0.6)
    still, unseen = INDEX["browDownLeft"], INDEX["browInnerUp"]
    truth[:, [still, INDEX["browDownRight"]]] = 0.3
    readings[:, unseen] = np.random.default_rng(1).uniform(0, 1, len(readings))
    attenuation = attenuation_of(truth, readings, PEOPLE)
    assert (attenuation[still], attenuation[unseen]) == (1.0, 1.0)


def test_both_sides_of_the_face_are_treated_alike() -> None:
    truth, readings = _readings(0.6)
    readings[:, INDEX["mouthSmileLeft"]] = 0.8 * truth[:, INDEX["mouthSmileLeft"]]
    attenuation = attenuation_of(truth, readings, PEOPLE)
    assert attenuation[INDEX["mouthSmileLeft"]] == attenuation[INDEX["mouthSmileRight"]] == pytest.approx(0.7, abs=0.03)


def test_few_clips_tell_nothing(fitted_clips: list[TrackedClip]) -> None:
    people = [fitted_clips[:4], fitted_clips[4:8], fitted_clips[8:]]
    np.testing.assert_array_equal(measure_attenuation(people, 30.0), np.ones(WEIGHTS))
    np.testing.assert_array_equal(measure_attenuation(people[:1], 30.0), np.ones(WEIGHTS))
