"""Dials refuse what makes no sense; borrowed head motion is continuous, bounded and leaves the face alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.arkit import COEFFICIENTS, INDEX, POSE
from components.common.errors import UserError
from components.talker.controls import RANGES, Knobs
from components.talker.pose_transfer import MOST_TURN, back_and_forth, borrow_pose


@pytest.mark.parametrize("name", sorted(RANGES))
@pytest.mark.parametrize("value", [-0.1, 99.0, float("nan"), float("inf")])
def test_bad_dials_are_one_line(name: str, value: float) -> None:
    with pytest.raises(UserError, match=name.replace("_", "-")) as caught:
        Knobs(**{name: value})
    assert "\n" not in str(caught.value)


def test_seed_range() -> None:
    Knobs(seed=2**32 - 1)
    with pytest.raises(UserError, match="seed"):
        Knobs(seed=-1)


def rows(frames: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    motion = np.cumsum(rng.normal(0, 0.01, (frames, COEFFICIENTS)), axis=0).astype(np.float32)
    motion[:, INDEX["scale"]] += 0.4
    return motion


@settings(max_examples=25, deadline=None)
@given(have=st.integers(1, 30), want=st.integers(1, 100))
def test_back_and_forth_never_jumps(have: int, want: int) -> None:
    index = back_and_forth(np.arange(have, dtype=np.float32), want)
    assert len(index) == want
    assert (np.abs(np.diff(index)) <= 1).all()
    assert set(index) <= set(range(have))


def test_borrowed_pose() -> None:
    motion, donor = rows(50), rows(20, 1)
    donor[:, INDEX["yaw"]] = np.linspace(0, 2, 20)
    reference = rows(1, 2)[0]
    result = borrow_pose(motion, donor, reference)
    assert (result[:, : POSE.start] == motion[:, : POSE.start]).all()
    assert np.abs(result[:, INDEX["yaw"]] - reference[INDEX["yaw"]]).max() <= MOST_TURN + 1e-6
    assert result[:, INDEX["yaw"]].std() > 0.1
    still = borrow_pose(motion, donor, reference, strength=0.0)
    assert np.allclose(still[:, POSE], reference[POSE])
    assert result.dtype == np.float32
