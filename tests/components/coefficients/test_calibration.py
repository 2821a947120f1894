"""Faces at rest and what they show beyond: biases go, expressions get their true size, speech is left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.coefficients.calibration import (
    EXPRESSION,
    LARGEST,
    REST_OF_REAL_FACES,
    above_rest,
    load_attenuation,
    rest_of_real_faces,
    resting_pose,
    resting_weights,
    save_attenuation,
    undo_attenuation,
    usual_faces,
    usual_turns,
)
from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS, POSE, WEIGHTS, sided
from components.common.artifacts import ClipCoefficients
from components.common.errors import UserError

weights = arrays.arrays(np.float32, WEIGHTS, elements=st.floats(0, 0.5, width=32))


def clip(valid: int = 10, **named: float) -> ClipCoefficients:
    """Ten frames of a still face; ``browDown=.4`` sets both sides. In all but the first `valid` nothing was tracked."""
    rows = np.zeros((10, COEFFICIENTS), np.float32)
    for stem, value in named.items():
        rows[:, list(sided(stem)) if stem not in INDEX else [INDEX[stem]]] = value
    rows[valid:, :WEIGHTS] = 1
    return ClipCoefficients(rows, np.zeros((10, LANDMARKS, 3), np.float32), np.arange(10) < valid)


def test_the_rest_of_real_faces_is_two_sided_and_below_one() -> None:
    rest = rest_of_real_faces()
    assert rest.shape == (WEIGHTS,)
    assert rest[list(sided("browDown"))] == pytest.approx(REST_OF_REAL_FACES["browDown"])
    assert rest.sum() == pytest.approx(2 * sum(REST_OF_REAL_FACES.values()))


def test_a_person_with_enough_clips_has_a_rest_of_their_own() -> None:
    low_brows = [clip(browDown=0.4 + extra) for extra in (0, 0.0, 0.02, 0.5)]
    others = [clip(browDown=extra) for extra in (0, 0.0, 0.02, 0.5)]
    rests = resting_weights([*low_brows, *others], ["a"] * 4 + ["b"] * 4)
    brow = INDEX["browDownLeft"]
    assert [rest[brow] for rest in rests] == pytest.approx([0.4] * 4 + [0.0] * 4, abs=0.02)


def test_few_clips_of_a_person_take_the_corpus_and_a_tiny_corpus_takes_real_faces() -> None:
    clips = [clip(mouthSmile=0.3)] * 4 + [clip(mouthSmile=0.9)]
    rests = resting_weights(clips, ["a"] * 4 + ["guest"])
    np.testing.assert_array_equal(rests[4], resting_weights(clips[:5], list("vwxyz"))[0])
    np.testing.assert_array_equal(resting_weights(clips[:3], ["a"] * 3)[0], rest_of_real_faces())


def test_frames_without_a_face_and_expressions_held_throughout_make_no_rest() -> None:
    (rest, *_) = resting_weights([clip(valid=6, mouthSmile=0.2)] * 4, ["a"] * 4)
    assert rest[INDEX["mouthSmileLeft"]] == pytest.approx(0.2)
    (rest, *_) = resting_weights([clip(mouthSmile=0.9)] * 4, ["a"] * 4)
    assert rest[INDEX["mouthSmileLeft"]] == pytest.approx(LARGEST)


@given(weights)
def test_rest_becomes_zero_full_weight_stays_and_the_pose_is_left(rest: np.ndarray) -> None:
    pose = np.full(6, 0.3, np.float32)
    rows = np.stack([np.concatenate([row, pose]) for row in (rest, np.ones(WEIGHTS, np.float32))])
    lifted = above_rest(rows, rest)
    np.testing.assert_array_equal(lifted[0, :WEIGHTS], 0)
    np.testing.assert_allclose(lifted[1, :WEIGHTS], 1)
    np.testing.assert_array_equal(lifted[:, POSE], rows[:, POSE])


def test_a_clip_may_be_calmer_than_rest_and_a_picture_may_not() -> None:
    row = np.zeros(COEFFICIENTS, np.float32)
    row[POSE] = -0.5
    brow = INDEX["browDownLeft"]
    assert above_rest(row[None], rest_of_real_faces())[0, brow] == pytest.approx(-0.45 / 0.55)
    portrait = above_rest(row, rest_of_real_faces(), lowest=0.0)
    assert portrait.shape == (COEFFICIENTS,)
    assert portrait[:WEIGHTS].min() == 0
    np.testing.assert_array_equal(portrait[POSE], -0.5)  # the bound is for weights alone


def test_expressions_are_lifted_and_speech_is_left_alone() -> None:
    rows = np.full((5, 58), 0.5, np.float32)
    rest, attenuation = np.full(WEIGHTS, 0.2, np.float32), np.full(WEIGHTS, 0.5, np.float32)
    out = undo_attenuation(rows, rest, attenuation)
    np.testing.assert_allclose(out[:, INDEX["browInnerUp"]], 0.6)
    np.testing.assert_allclose(out[:, INDEX["noseSneerRight"]], 0.6)
    for name in ("jawOpen", "mouthPucker", "mouthSmileLeft", "mouthPressLeft", "eyeBlinkLeft", "eyeLookInLeft"):
        np.testing.assert_array_equal(out[:, INDEX[name]], 0.5)
    np.testing.assert_array_equal(out[:, POSE], 0.5)
    assert (rows == 0.5).all()


def test_rest_is_zero_for_expressions_alone() -> None:
    rest = np.linspace(0, 0.6, WEIGHTS).astype(np.float32)
    row = np.concatenate([rest, np.ones(6, np.float32)])[None]
    out = undo_attenuation(row, rest, np.full(WEIGHTS, 0.7, np.float32))
    np.testing.assert_array_equal(out[0, EXPRESSION], 0)
    others = np.setdiff1d(np.arange(58), EXPRESSION)
    np.testing.assert_array_equal(out[0, others], row[0, others])


def test_attenuation_is_stored_with_the_regressor(tmp_path: Path) -> None:
    attenuation = np.linspace(0.5, 1, WEIGHTS).astype(np.float32)
    save_attenuation(tmp_path, attenuation)
    np.testing.assert_allclose(load_attenuation(tmp_path), attenuation, atol=1e-4)
    (tmp_path / "shares.json").write_text('{"browInnerUp": 0.5}')
    with pytest.raises(UserError, match="dvc repro fit_regressor"):
        load_attenuation(tmp_path)


def test_a_usual_turn_is_the_persons_and_outlives_one_odd_clip() -> None:
    turns = usual_turns([clip(yaw=0.1), clip(yaw=0.1), clip(yaw=0.9), clip(pitch=-0.2)], ["a", "a", "a", "b"])
    np.testing.assert_allclose(turns["a"], [0.1, 0, 0])
    np.testing.assert_allclose(turns["b"], [0, -0.2, 0])


def test_the_resting_pose_is_the_persons_turn_and_the_clips_place() -> None:
    rows = np.random.default_rng(0).normal(0, 0.1, (9, COEFFICIENTS)).astype(np.float32)
    turn = np.array([0.1, -0.05, 0.02])
    rest = resting_pose(rows, turn)
    np.testing.assert_array_equal(rest[:3], turn.astype(np.float32))
    np.testing.assert_array_equal(rest[3:], np.median(rows[:, POSE][:, 3:], 0))


def test_usual_faces_are_drawn_towards_everybody() -> None:
    rows = np.zeros((5, 58), np.float32)
    usual = usual_faces({"one": [rows + 1], "many": [rows + 3] * 9})
    everybody = (1 + 9 * 3) / 10
    assert usual["many"] == pytest.approx(np.full(58, (27 + everybody) / 10))
    assert usual["one"] == pytest.approx(np.full(58, (1 + everybody) / 2))
