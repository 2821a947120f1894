"""What share of an expression is read: recovered from known readings, and left at 1 where nothing can be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.coefficients.attenuation import load_shares, save_shares
from components.coefficients.attenuation_fit import LEAST_SHARE, measure_shares, shares_of
from components.coefficients.rendered_faces import SeenClip
from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.common.errors import UserError

PEOPLE = np.repeat(np.arange(10), 8)


def _readings(share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True clip means and their readings: a share of them, each person's own bias, a little noise."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 1, (len(PEOPLE), COEFFICIENTS))
    bias = rng.normal(0, 0.5, (10, COEFFICIENTS))[PEOPLE]
    return truth, share * truth + bias + rng.normal(0, 0.02, truth.shape)


@given(share=st.floats(0.5, 1.0), seed=st.integers(0, 99))
def test_the_share_is_found_whatever_the_people_look_like(share: float, seed: int) -> None:
    found = shares_of(*_readings(share, seed), PEOPLE)
    assert found.shape == (WEIGHTS,)
    np.testing.assert_allclose(found, share, atol=0.04)


def test_readings_are_at_most_doubled() -> None:
    assert (shares_of(*_readings(0.2), PEOPLE) == np.float32(LEAST_SHARE)).all()


def test_nothing_is_said_of_what_never_moves_or_is_not_seen() -> None:
    truth, found = _readings(0.6)
    still, unseen = INDEX["browDownLeft"], INDEX["browInnerUp"]
    truth[:, [still, INDEX["browDownRight"]]] = 0.3
    found[:, unseen] = np.random.default_rng(1).uniform(0, 1, len(found))
    shares = shares_of(truth, found, PEOPLE)
    assert (shares[still], shares[unseen]) == (1.0, 1.0)


def test_both_sides_of_the_face_are_treated_alike() -> None:
    truth, found = _readings(0.6)
    found[:, INDEX["mouthSmileLeft"]] = 0.8 * truth[:, INDEX["mouthSmileLeft"]]
    shares = shares_of(truth, found, PEOPLE)
    assert shares[INDEX["mouthSmileLeft"]] == shares[INDEX["mouthSmileRight"]] == pytest.approx(0.7, abs=0.03)


def test_few_clips_tell_nothing(fitted_clips: list[SeenClip]) -> None:
    people = [fitted_clips[:4], fitted_clips[4:8], fitted_clips[8:]]
    np.testing.assert_array_equal(measure_shares(people, 30.0), np.ones(WEIGHTS))
    np.testing.assert_array_equal(measure_shares(people[:1], 30.0), np.ones(WEIGHTS))


def test_shares_are_kept_with_the_regressor(tmp_path: Path) -> None:
    shares = shares_of(*_readings(0.7), PEOPLE)
    save_shares(tmp_path, shares)
    np.testing.assert_allclose(load_shares(tmp_path), shares, atol=1e-4)
    (tmp_path / "shares.json").write_text('{"browInnerUp": 0.5}')
    with pytest.raises(UserError, match="dvc repro fit_regressor"):
        load_shares(tmp_path)
