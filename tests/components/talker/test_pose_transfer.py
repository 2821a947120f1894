"""Borrowed head motion is continuous, bounded and leaves the face alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.arkit import COEFFICIENTS, INDEX, POSE
from components.talker.pose_transfer import MOST_SCALING, MOST_SHIFT, MOST_TURN, borrow_pose, ping_pong


def motion(frames: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.cumsum(rng.normal(0, 0.01, (frames, COEFFICIENTS)), axis=0).astype(np.float32)
    rows[:, INDEX["scale"]] += 0.4
    return rows


@settings(max_examples=25, deadline=None)
@given(have=st.integers(1, 30), want=st.integers(1, 100))
def test_ping_pong_never_jumps(have: int, want: int) -> None:
    index = ping_pong(np.arange(have, dtype=np.float32), want)
    assert len(index) == want
    assert (np.abs(np.diff(index)) <= 1).all()
    assert set(index) <= set(range(have))


def test_ping_pong_turns_around_at_both_ends() -> None:
    assert ping_pong(np.array([0, 1, 2]), 8).tolist() == [0, 1, 2, 1, 0, 1, 2, 1]


def test_borrowed_pose() -> None:
    speaking, driving = motion(50), motion(20, 1)
    driving[:, INDEX["yaw"]] = np.linspace(0, 2, 20)
    reference = motion(1, 2)[0]
    moved = borrow_pose(speaking, driving, reference)
    assert (moved[:, : POSE.start] == speaking[:, : POSE.start]).all()
    assert np.abs(moved[:, INDEX["yaw"]] - reference[INDEX["yaw"]]).max() <= MOST_TURN + 1e-6
    assert moved[:, INDEX["yaw"]].std() > 0.1
    still = borrow_pose(speaking, driving, reference, strength=0.0)
    assert np.allclose(still[:, POSE], reference[POSE])
    assert moved.dtype == np.float32


def test_shift_is_borrowed_as_a_difference_and_scale_as_a_ratio() -> None:
    driving, reference = np.zeros((3, COEFFICIENTS), np.float32), np.zeros(COEFFICIENTS, np.float32)
    driving[:, INDEX["tx"]] = (0.2, 0.25, 0.9)
    driving[:, INDEX["scale"]] = (0.5, 0.4, 0.1)
    reference[INDEX["tx"]], reference[INDEX["scale"]] = 0.5, 0.8
    moved = borrow_pose(np.zeros((3, COEFFICIENTS), np.float32), driving, reference)
    assert np.allclose(moved[:, INDEX["tx"]], (0.45, 0.5, 0.5 + MOST_SHIFT))
    assert np.allclose(moved[:, INDEX["scale"]], (0.8 * 1.25, 0.8, 0.8 * (1 - MOST_SCALING)))
