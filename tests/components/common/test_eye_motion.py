"""The eyes' model: how blinks are shaped and spaced, where gaze goes, what the two settings do differently."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS, sided, weights_to_gaze
from components.common.artifacts import FPS
from components.common.eye_motion import (
    ACTED,
    CLOSING,
    FIXATION,
    FIXATION_MIN,
    GENERATED,
    NEVER,
    OPENING,
    REFRACTORY,
    SACCADE,
    SHUT,
    BlinkLaw,
    EyeSettings,
    counter_head,
    draw_blinks,
    draw_eye_motion,
    draw_fixations,
    frame_times,
    write_eyes,
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_one_blink_has_the_phases_of_a_lid() -> None:
    closing = draw_blinks(25, BlinkLaw(lambda rng: 0.5, 100.0), generator())
    times = frame_times(25)
    assert closing[times < 0.5 - CLOSING].max() == 0
    assert closing[times > 0.5 + SHUT + OPENING].max() == 0
    assert (closing[(times >= 0.5) & (times <= 0.5 + SHUT)] == 1).all()
    assert closing[times == 0.46] == pytest.approx(1 - 0.04 / CLOSING)
    assert closing[times == 0.62] == pytest.approx(1 - (0.12 - SHUT) / OPENING)


def test_blinks_come_as_often_as_their_law_says_and_never_in_the_pause() -> None:
    frames, law = 25 * 3600, BlinkLaw(lambda rng: 0.0, 2.0)
    shut = draw_blinks(frames, law, generator()) == 1
    starts = np.flatnonzero(shut[1:] & ~shut[:-1]) / FPS
    assert len(starts) == pytest.approx(3600 / (REFRACTORY + 2.0), rel=0.05)
    assert np.diff(starts).min() >= REFRACTORY - 1 / FPS


@pytest.mark.parametrize("frames", [0, 1, 50])
def test_never_means_never_and_draws_nothing(frames: int) -> None:
    rng = generator()
    assert not draw_blinks(frames, NEVER, rng).any()
    assert rng.random() == generator().random()


def test_a_clip_may_end_while_the_lid_still_closes() -> None:
    after = BlinkLaw(lambda rng: 1.0 + CLOSING / 2, 100.0)  # the last frame's middle is at .98 s
    assert not draw_blinks(25, after, generator()).any()
    assert 0 < draw_blinks(25, after, generator(), late_blink=CLOSING)[-1] < 1


def test_gaze_starts_where_it_is_told_and_jumps_around_its_center() -> None:
    first, center = np.array([0.3, -0.1]), np.array([0.0, 0.05])
    gaze = draw_fixations(25 * 3600, first, center, generator())
    np.testing.assert_array_equal(gaze[0], first)
    jumps = np.flatnonzero(np.abs(np.diff(gaze, axis=0)).sum(1))
    assert np.diff(jumps).mean() / FPS == pytest.approx(FIXATION_MIN + FIXATION, rel=0.05)
    assert np.diff(jumps).min() / FPS >= FIXATION_MIN - 1 / FPS
    fixations = gaze[jumps + 1]
    np.testing.assert_allclose(fixations.mean(0), center, atol=0.01)
    np.testing.assert_allclose(fixations.std(0), SACCADE, rtol=0.05)


@given(frames=st.integers(0, 60), seed=st.integers(0, 99), whole=st.booleans())
def test_any_length_is_filled(frames: int, seed: int, whole: bool) -> None:
    gaze = draw_fixations(frames, np.ones(2), np.ones(2), generator(seed), whole)
    assert gaze.shape == (frames, 2)
    assert (gaze != 0).all()


def test_whole_frames_round_each_fixation() -> None:
    exact, rounded = (draw_fixations(2000, np.zeros(2), np.zeros(2), generator(), w) for w in (False, True))
    jumps = [np.flatnonzero(np.abs(np.diff(gaze, axis=0)).sum(1)) for gaze in (exact, rounded)]
    number = min(map(len, jumps))
    assert 0 < np.abs(jumps[0][:number] - jumps[1][:number]).max() <= number / 2  # half a frame each at most


def test_eyes_counter_the_head_within_their_limit() -> None:
    turn = np.array([[0.2, 0.1], [-2.0, 0.0]])
    still = np.zeros((2, 2))
    np.testing.assert_allclose(counter_head(still, turn, ACTED), turn * [-0.55, 0.55])
    np.testing.assert_allclose(counter_head(still, turn, GENERATED), [[-0.14, 0.07], [0.40, 0.0]])


def test_lids_follow_a_lowered_gaze_where_the_setting_says_so() -> None:
    down, open_ = np.array([[0.0, -0.2]]), np.zeros(1)
    lids = {}
    for name, settings in {"acted": ACTED, "generated": GENERATED}.items():
        weights = np.zeros((1, WEIGHTS))
        write_eyes(weights, down, open_, settings)
        np.testing.assert_allclose(weights_to_gaze(weights), down)
        lids[name] = weights[0, list(sided("eyeBlink"))]
    np.testing.assert_array_equal(lids["acted"], 0)
    np.testing.assert_allclose(lids["generated"], 0.1)


def test_a_shut_lid_takes_wide_eyes_whole_and_squints_in_part() -> None:
    weights = np.full((2, WEIGHTS), 0.5)
    write_eyes(weights, np.zeros((2, 2)), np.array([0.0, 1.0]), EyeSettings(0.5))
    for stem, shut in (("eyeBlink", 1.0), ("eyeWide", 0.0), ("eyeSquint", 0.1)):
        np.testing.assert_allclose(weights[:, list(sided(stem))], [[0.5, 0.5], [shut, shut]])
    assert weights[1, INDEX["jawOpen"]] == 0.5


@pytest.mark.parametrize("settings", [ACTED, GENERATED])
def test_gaze_is_drawn_before_blinks_and_the_pose_is_left(settings: EyeSettings) -> None:
    """The order of draws is part of the corpus' bytes."""
    law, ahead = BlinkLaw(lambda rng: rng.uniform(0, 1), 1.0), np.zeros(2)
    rows = np.zeros((80, COEFFICIENTS), np.float32)
    draw_eye_motion(rows, np.zeros((80, 2)), ahead, ahead, law, settings, generator(3))
    rng = generator(3)
    gaze = draw_fixations(80, ahead, ahead, rng, settings.whole_frames)
    closing = draw_blinks(80, law, rng, settings.late_blink)
    np.testing.assert_allclose(weights_to_gaze(rows), np.clip(gaze, -0.4, 0.4), atol=1e-6)
    assert (rows[:, INDEX["eyeBlinkLeft"]] >= closing.astype(np.float32)).all()
    assert not rows[:, WEIGHTS:].any()
