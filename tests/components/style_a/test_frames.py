"""Choosing and reading training frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS
from components.common.artifacts import ClipCoefficients
from components.common.clips import Clip
from components.common.errors import StageError
from components.common.media import write_video
from components.face.frame_groups import FrameGroup
from components.style_a.frames import (
    FrameJob,
    add_styles,
    choose_stills,
    clip_group,
    digest,
    load_group,
    resize,
    usable_groups,
)


def stored(frames: int) -> ClipCoefficients:
    coefficients = np.zeros((frames, COEFFICIENTS), np.float32)
    coefficients[:, INDEX["jawOpen"]] = np.linspace(0, 1, frames)
    landmarks = np.full((frames, LANDMARKS, 3), 8, np.float32)
    return ClipCoefficients(coefficients, landmarks, np.ones(frames, bool))


def video(path: Path, frames: int, side: int = 32) -> Path:
    write_video(path, [np.full((side, side, 3), 20 * index, np.uint8) for index in range(frames)])
    return path


def gray_group(level: int, frames: int) -> FrameGroup:
    images = np.full((frames, 8, 8, 3), level, np.uint8) + np.arange(frames, dtype=np.uint8)[:, None, None, None]
    landmarks, rows = np.zeros((frames, LANDMARKS, 3), np.float32), np.zeros((frames, COEFFICIENTS), np.float32)
    return FrameGroup("c", "p", images, landmarks, rows, images[:0])


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
        usable_groups([empty])
    pair = gray_group(10, 2)
    assert usable_groups([empty, gray_group(10, 1), pair]) == [pair]


def test_a_job_reads_its_clip_from_disk(tmp_path: Path) -> None:
    stored(6).save(tmp_path / "c.safetensors")
    path = video(tmp_path / "v.mp4", 6)
    clip = Clip("c", "someone", "", 0, "train", 6, path, tmp_path / "a.wav", tmp_path / "c.safetensors")
    group = load_group(FrameJob(clip, 4, 16))
    assert (group.name, group.identity, len(group)) == ("c", "someone", 4)
    assert group.images.shape == (4, 16, 16, 3)


def test_stills_come_from_all_clips_and_end_with_other_people() -> None:
    clips, heads = [gray_group(10, 3), gray_group(50, 2)], [gray_group(200, 1), gray_group(220, 1)]
    levels = [int(still[0, 0, 0]) for still in choose_stills(clips, heads, 6)]
    assert levels == [10, 50, 11, 51, 200, 220]
    assert len(choose_stills(clips, [], 4)) == 4


def test_digest_names_the_frames() -> None:
    assert digest([gray_group(10, 2)]) == digest([gray_group(10, 2)])
    assert digest([gray_group(10, 2)]) != digest([gray_group(11, 2)])


def test_digest_knows_whose_the_frames_are_and_where_a_group_ends() -> None:
    group = gray_group(10, 3)
    parts = [
        replace(
            group, images=group.images[rows], landmarks=group.landmarks[rows], coefficients=group.coefficients[rows]
        )
        for rows in (slice(0, 1), slice(1, 3), slice(0, 2), slice(2, 3))
    ]
    names = [digest(parts[:2]), digest(parts[2:]), digest([group])]
    names += [digest([replace(group, identity="another")]), digest([replace(group, name="another")])]
    assert len(set(names)) == 5


def test_resize_leaves_the_right_size_alone() -> None:
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert resize(image, 4) is image
    assert resize(image, 2)[0, 0].tolist() == pytest.approx(image[:2, :2].mean((0, 1)), abs=0.6)
