"""What is learned of the 58 coefficients, and the way back."""

import numpy as np

from components.coefficients.calibration import resting_pose
from components.common.arkit import INDEX, POSE
from components.style_e.channels import (
    CHANNELS,
    JAW,
    LEARNED_NAMES,
    MOST_GAIN,
    SPEECH,
    from_channels,
    restore_jaw_variance,
    smooth,
    spread_of_jaw,
    to_channels,
)

REST = np.array([0.1, -0.05, 0.02, 0.03, -0.04, 0.3], np.float32)


def slow_motion(frames: int = 60) -> np.ndarray:
    """Smooth motion without gaze, (T, 58)."""
    t = np.linspace(0, 2 * np.pi, frames)[:, None]
    waves = 0.4 + 0.3 * np.sin(t + np.arange(58))
    waves[:, [i for name, i in INDEX.items() if name.startswith("eyeLook")]] = 0
    waves[:, POSE] = REST + 0.05 * np.sin(t + np.arange(6))
    return waves.astype(np.float32)


def test_there_and_back():
    motion = slow_motion()
    channels = to_channels(motion, REST)
    assert channels.shape == (60, CHANNELS)
    lids = [i for name, i in INDEX.items() if name.startswith(("eyeBlink", "eyeWide", "eyeSquint"))]
    others = np.setdiff1d(np.arange(58), lids)  # the lids' extremes are cut by the blink filter
    np.testing.assert_allclose(from_channels(channels, REST)[:, others], motion[:, others], atol=1e-5)


def test_blinks_are_taken_out_and_lowered_lids_stay():
    motion = slow_motion()
    lid, wide = INDEX["eyeBlinkLeft"], INDEX["eyeWideLeft"]
    motion[:, lid], motion[:, wide] = 0.2, 0.5
    motion[20:27, lid], motion[20:27, wide] = 1.0, 0.0
    channels = to_channels(motion, REST)
    np.testing.assert_allclose(channels[:, LEARNED_NAMES.index("eyeBlinkLeft")], 0.2, atol=1e-6)
    np.testing.assert_allclose(channels[:, LEARNED_NAMES.index("eyeWideLeft")], 0.5, atol=1e-6)


def test_head_motion_carries_over_to_a_portrait_framed_twice_as_close():
    channels = to_channels(slow_motion(), REST)
    near = REST.copy()
    near[3:] *= 2
    far_pose, near_pose = from_channels(channels, REST)[:, POSE], from_channels(channels, near)[:, POSE]
    np.testing.assert_allclose(near_pose[:, 3:], 2 * far_pose[:, 3:], atol=1e-5)
    np.testing.assert_allclose(near_pose[:, :3], far_pose[:, :3], atol=1e-6)


def test_a_lowered_head_stays_in_the_offset():
    motion = slow_motion()
    motion[:, INDEX["pitch"]] += 0.3  # of a sad clip, while the person's usual turn is level
    assert to_channels(motion, resting_pose(motion, REST[:3]))[:, -5].mean() > 0.25


def test_smoothing_leaves_speech_alone_and_quiets_the_rest():
    noise = np.random.default_rng(0).normal(0, 1, (50, CHANNELS)).astype(np.float32)
    quiet = smooth(noise)
    np.testing.assert_array_equal(quiet[:, SPEECH], noise[:, SPEECH])
    jitter = np.abs(np.diff(quiet[:, ~SPEECH], 2, 0)).mean() / np.abs(np.diff(noise[:, ~SPEECH], 2, 0)).mean()
    assert jitter < 0.4
    np.testing.assert_array_equal(smooth(noise[:5]), noise[:5])
    assert SPEECH[LEARNED_NAMES.index("jawOpen")]
    assert not SPEECH[LEARNED_NAMES.index("browInnerUp")]


def test_a_timid_jaw_opens_further_and_nothing_else_changes():
    channels = to_channels(slow_motion(), REST)
    usual = 1.25 * spread_of_jaw(channels)
    louder = restore_jaw_variance(channels, usual)
    np.testing.assert_allclose(spread_of_jaw(louder), usual, rtol=1e-4)
    np.testing.assert_allclose(louder[:, JAW].mean(), channels[:, JAW].mean(), atol=1e-5)
    others = np.delete(np.arange(CHANNELS), JAW)
    np.testing.assert_array_equal(louder[:, others], channels[:, others])


def test_a_lively_jaw_is_left_and_a_still_one_is_not_made_to_talk():
    channels = to_channels(slow_motion(), REST)
    np.testing.assert_allclose(restore_jaw_variance(channels, 0.5 * spread_of_jaw(channels)), channels, atol=1e-6)
    timid = restore_jaw_variance(channels, 100.0)
    np.testing.assert_allclose(spread_of_jaw(timid), MOST_GAIN * spread_of_jaw(channels), rtol=1e-4)
    still = np.zeros_like(channels)
    np.testing.assert_array_equal(restore_jaw_variance(still, 0.1), still)
