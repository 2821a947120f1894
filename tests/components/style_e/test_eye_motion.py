"""Blinks and gaze: how often, in what shape, and tied to the head."""

import numpy as np
import pytest

from components.common.arkit import INDEX, weights_to_gaze
from components.common.artifacts import EMOTIONS
from components.common.eye_motion import GENERATED, draw_blinks
from components.style_e.eye_motion import EYE_BEHAVIOR, EyeBehavior, add_eye_motion, blink_law, mix


def blinks(frames: int, gap: float, rate: float, rng: np.random.Generator) -> np.ndarray:
    return draw_blinks(frames, blink_law(gap, rate), rng, GENERATED.late_blink)


def onsets(closing: np.ndarray) -> int:
    shut = closing > 0.55
    return int((shut[1:] & ~shut[:-1]).sum())


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_blinks_come_at_human_rates(emotion):
    minutes = 20
    closing = blinks(minutes * 1500, EYE_BEHAVIOR[emotion].blink_gap, 1.0, np.random.default_rng(1))
    assert 0.2 <= onsets(closing) / (60 * minutes) <= 0.6


def test_short_clips_blink_as_often_as_long_ones():
    rng = np.random.default_rng(2)
    count = sum(onsets(np.r_[0, blinks(75, 3.2, 1.0, rng)]) for _ in range(800))
    assert count / (800 * 3) == pytest.approx(1 / 3.2, abs=0.05)


def test_a_blink_closes_faster_than_it_opens_and_ends():
    closing = blinks(250, 4.0, 1.0, np.random.default_rng(4))
    peak = int(closing.argmax())
    assert closing[peak] == 1
    falling = int(np.argmax(closing[peak:] == 0))
    rising = int(np.argmax(closing[peak::-1] == 0))
    assert rising < falling <= 8
    assert (closing == 0).mean() > 0.8


def test_the_knob_multiplies_and_zero_means_never():
    long = 25 * 600
    assert blinks(long, 3.0, 0.0, np.random.default_rng(0)).max() == 0
    once, twice = (onsets(blinks(long, 3.0, rate, np.random.default_rng(0))) for rate in (1.0, 2.0))
    assert 1.7 < twice / once < 2.4


def test_emotions_mix_by_rate():
    only_fear = np.eye(8)[EMOTIONS.index("fear")]
    assert mix(only_fear).blink_gap == pytest.approx(EYE_BEHAVIOR["fear"].blink_gap)
    both = mix((only_fear + np.eye(8)[EMOTIONS.index("sad")]) / 2)
    assert 2.1 < both.blink_gap < 2.4
    assert both.gaze_y == pytest.approx(-0.04)


def test_eyes_start_at_the_portraits_gaze_and_counter_the_head():
    motion = np.zeros((50, 58), np.float32)
    motion[:, INDEX["yaw"]] = np.linspace(0.1, 0.4, 50)
    gaze = np.array([0.05, 0.0])
    still = motion.copy()
    still[:, INDEX["yaw"]] = 0.1
    for rows in (motion, still):
        add_eye_motion(rows, gaze, np.array([0.1, 0.0]), EyeBehavior(), 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(weights_to_gaze(motion[:1])[0], gaze, atol=1e-6)
    # The same fixations, moved against the turn.
    difference = weights_to_gaze(motion)[:, 0] - weights_to_gaze(still)[:, 0]
    np.testing.assert_allclose(difference[:5], -GENERATED.reflex * (motion[:5, INDEX["yaw"]] - 0.1), atol=1e-6)
    assert len(np.unique(np.round(weights_to_gaze(still)[:, 0], 4))) > 1  # saccades


def test_a_blink_takes_wide_eyes_away():
    motion = np.zeros((250, 58), np.float32)
    wide, lid = INDEX["eyeWideLeft"], INDEX["eyeBlinkLeft"]
    motion[:, wide] = 0.8
    add_eye_motion(motion, np.zeros(2), np.zeros(2), EyeBehavior(2.0), 1.0, np.random.default_rng(0))
    shut = motion[:, lid] == 1
    assert shut.any()
    assert motion[shut, wide].max() == 0
    assert motion[motion[:, lid] < 0.02, wide].min() > 0.7
