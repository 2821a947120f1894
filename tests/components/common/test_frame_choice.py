"""The calmest frame and the farthest ones: what disturbs is the asker's to say, frames without a face never win."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, sided
from components.common.frame_choice import (
    Unrest,
    calmest_frame,
    farthest_frames,
    open_jaw_closed_eyes_and_turn,
    open_lips_and_closed_eyes,
    total_expression,
)

ALL = (open_lips_and_closed_eyes, open_jaw_closed_eyes_and_turn, total_expression)


@pytest.fixture
def rows() -> np.ndarray:
    """An open jaw, closed eyes, a raised brow, a turned head."""
    rows = np.zeros((4, COEFFICIENTS), np.float32)
    rows[0, INDEX["jawOpen"]] = 0.5
    rows[1, list(sided("eyeBlink"))] = 0.3
    rows[2, INDEX["browInnerUp"]] = 0.4
    rows[3, INDEX["yaw"]] = -0.2
    return rows


@pytest.mark.parametrize(
    ("unrest", "sizes"),
    [
        (open_lips_and_closed_eyes, (1.287, 0.6, 0, 0)),  # cm between the lips at half an open jaw
        (open_jaw_closed_eyes_and_turn, (0.5, 0.6, 0, 0.2)),
        (total_expression, (0.5, 0.6, 0.4, 0)),
    ],
)
def test_what_disturbs(rows: np.ndarray, unrest: Unrest, sizes: tuple[float, ...]) -> None:
    np.testing.assert_allclose(unrest(rows), sizes, atol=1e-6)


@pytest.mark.parametrize("unrest", ALL)
def test_frames_without_a_face_never_win_unless_there_is_no_other(rows: np.ndarray, unrest: Unrest) -> None:
    rows = np.concatenate([rows[:2], np.zeros((1, COEFFICIENTS), np.float32)])
    assert calmest_frame(rows, np.ones(3, bool), unrest) == 2
    assert calmest_frame(rows, np.array([False, True, False]), unrest) == 1
    assert calmest_frame(rows, np.zeros(3, bool), unrest) == 2


def test_pressed_lips_are_no_calmer_than_open_ones() -> None:
    rows = np.zeros((2, COEFFICIENTS), np.float32)
    rows[0, INDEX["mouthRollLower"]] = 1.0
    rows[1, INDEX["jawOpen"]] = 0.05
    assert calmest_frame(rows, np.ones(2, bool), open_lips_and_closed_eyes) == 1


def opening(frames: int) -> np.ndarray:
    """A jaw that opens steadily."""
    coefficients = np.zeros((frames, COEFFICIENTS), np.float32)
    coefficients[:, INDEX["jawOpen"]] = np.linspace(0, 1, frames)
    return coefficients


def test_frames_start_calm_and_reach_the_extremes() -> None:
    assert list(farthest_frames(opening(11), 3, np.ones(11, bool))) == [0, 10, 5]


def test_invalid_frames_are_left_out() -> None:
    coefficients = opening(5)
    valid = np.array([False, True, False, True, False])
    assert sorted(farthest_frames(coefficients, 4, valid)) == [1, 3]
    assert len(farthest_frames(coefficients, 4, np.zeros(5, bool))) == 0
