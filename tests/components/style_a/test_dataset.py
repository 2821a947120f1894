"""Choosing and reading training frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS
from components.common.artifacts import ClipCoefficients
from components.common.errors import StageError
from components.common.media import write_video
from components.style_a.frames import FrameGroup, add_styles, clip_group, spread, usable


def stored(frames: int) -> ClipCoefficients:
    coefficients = np.zeros((frames, COEFFICIENTS), np.float32)
    coefficients[:, INDEX["jawOpen"]] = np.linspace(0, 1, frames)
    landmarks = np.full((frames, LANDMARKS, 3), 8, np.float32)
    return ClipCoefficients(coefficients, landmarks, np.ones(frames, bool))


def video(path: Path, frames: int, side: int = 32) -> Path:
    write_video(path, [np.full((side, side, 3), 20 * index, np.uint8) for index in range(frames)])
    return path


def test_spread_starts_calm_and_reaches_the_extremes() -> None:
    clip = stored(11)
    assert list(spread(clip.coefficients, 3, clip.valid)) == [0, 10, 5]


def test_spread_leaves_out_invalid_frames() -> None:
    clip = stored(5)
    valid = np.array([False, True, False, True, False])
    assert sorted(spread(clip.coefficients, 4, valid)) == [1, 3]
    assert len(spread(clip.coefficients, 4, np.zeros(5, bool))) == 0


def test_clip_group_takes_frames_with_their_own_rows(tmp_path: Path) -> None:
    group = clip_group("c", "p", video(tmp_path / "v.mp4", 6), stored(6), 3, 16)
    assert group.images.shape == (3, 16, 16, 3)
    assert group.landmarks[0, 0, 0] == pytest.approx(4)  # scaled with the picture
    levels = group.images[:, 8, 8, 0].astype(float)
    rows = group.coefficients[:, INDEX["jawOpen"]] * 5  # frame numbers
    assert levels == pytest.approx(20 * rows, abs=4)


def test_shifted_rows_fail_the_stage(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="6 frames but 7"):
        clip_group("c", "p", video(tmp_path / "v.mp4", 6), stored(7), 3, 32)


def test_each_group_gets_one_style(tmp_path: Path) -> None:
    groups = [clip_group("c", "p", video(tmp_path / f"{i}.mp4", 6), stored(6), 4, 32) for i in range(2)]
    calls: list[int] = []

    def style(image: np.ndarray, seed: int) -> np.ndarray:
        calls.append(seed)
        return np.asarray(255 - image, np.uint8)

    styled = add_styles(groups, {"only": style}, 0.25, 7)
    assert [len(group.styled) for group in styled] == [2, 2]
    assert calls == [7, 7, 8, 8]
    assert np.array_equal(styled[0].styled[1], 255 - styled[0].images[1])
    assert add_styles(groups, {"only": style}, 0.0, 7)[0] is groups[0]


def test_no_usable_clip_fails_with_a_reason() -> None:
    none = np.zeros((0, 8, 8, 3), np.uint8)
    empty = FrameGroup("c", "p", none, np.zeros((0, LANDMARKS, 3)), np.zeros((0, COEFFICIENTS)), none)
    with pytest.raises(StageError, match="two frames"):
        usable([empty])
