from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.media import Image, read_frames
from components.corpus import scan as scan_module
from components.corpus.scan import THOROUGH_LOOKS, Unusable, pick_frames, scan
from components.face.detection import DetectedFace, FaceDetector
from tests.chaos.hostile_media import video
from tests.components.corpus.media_samples import cut, encode, need_media, scenery

QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(st.integers(1, 400), st.floats(0, 1e4))
def test_25_fps_is_left_alone(count: int, start: float) -> None:
    times = start + np.arange(count) / 25
    assert pick_frames(times, 0.04, 1e9).tolist() == list(range(count))


@QUICK
@given(st.lists(st.floats(0.001, 0.4), min_size=1, max_size=200))
def test_each_output_frame_is_the_nearest_in_time(gaps: list[float]) -> None:
    times = np.concatenate([[3.0], 3.0 + np.cumsum(gaps)])
    picks = pick_frames(times, 0.04, 1e9)
    assert len(picks) == max(1, round((times[-1] - times[0] + 0.04) * 25))
    assert (np.diff(picks) >= 0).all()
    for frame, pick in enumerate(picks):
        distances = np.abs(times - (times[0] + frame / 25))
        assert distances[pick] <= distances.min() + 2e-6


@pytest.mark.parametrize("fps", [10.0, 23.976, 29.97, 30, 50, 60, 120])
def test_speed_is_kept(fps: float) -> None:
    times = np.arange(round(4 * fps)) / fps
    picks = pick_frames(times, 1 / fps, 1e9)
    assert len(picks) == pytest.approx(100, abs=1)
    assert np.abs(times[picks] - np.arange(len(picks)) / 25).max() <= 0.5 / fps + 1e-6 + 0.04 * (fps < 25)


def test_long_clips_are_cut() -> None:
    assert len(pick_frames(np.arange(1000) / 25, 0.04, 2.0)) == 50


def test_a_talk_is_scanned(tmp_path: Path, talk: list[NDArray[np.uint8]]) -> None:
    found = scan(encode(tmp_path / "v.mp4", talk), 120)
    assert (found.width, found.height, len(found.times)) == (200, 160, 30)
    assert found.seconds == pytest.approx(1.2)
    assert found.face_rate == 1.0
    box = found.crop()
    assert 0 <= box.x <= 40
    assert box.side <= 160


def test_two_shaky_clocks(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"stands still for 3\.0 seconds"):
        scan(encode(tmp_path / "freeze.mkv", scenery(6), times=[0, 0.04, 0.08, 3.08, 3.12, 3.16]), 120)
    with pytest.raises(Unusable, match=r"only 2\.0 frames a second"):
        scan(encode(tmp_path / "slow.mp4", scenery(6), fps=2), 120)


def test_cut_off_files_say_how_much_is_left(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mp4", scenery(40), options={"movflags": "faststart"})
    with pytest.raises(Unusable, match=r"cut off: \d+ of 40 frames are there"):
        scan(cut(tmp_path / "cut.mp4", whole, 0.7), 120)
    with pytest.raises(UserError, match="index of the mp4 is missing"):
        scan(cut(tmp_path / "headless.mp4", encode(tmp_path / "plain.mp4", scenery(40)), 0.7), 120)
    mkv = encode(tmp_path / "whole.mkv", scenery(75))
    with pytest.raises(Unusable, match="cut off"):
        scan(cut(tmp_path / "cut.mkv", mkv, 0.5), 120)


def test_overwritten_middles_are_damage(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mp4", scenery(40), options={"movflags": "faststart"})
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 4] = bytes(len(data) // 4)
    (tmp_path / "damaged.mp4").write_bytes(bytes(data))
    with pytest.raises(Unusable, match="damaged"):
        scan(tmp_path / "damaged.mp4", 120)


def test_the_one_who_talks_is_followed_not_the_listener_in_front(tmp_path: Path, portrait: NDArray[np.uint8]) -> None:
    frames = []
    for i, speaking in enumerate(itertools.islice(read_frames(need_media("video", "talk_a.mp4")), 40)):
        frame = np.full((360, 640, 3), 100, np.uint8)
        frame[60:260, 10:210] = cv2.resize(speaking, (200, 200), interpolation=cv2.INTER_AREA)
        shift = i % 3  # the listener sways
        frame[30:330, 320 + shift : 620 + shift] = cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA)
        frames.append(frame)
    found = scan(encode(tmp_path / "v.mp4", frames), 120)
    assert all(len(faces) == 2 for faces in found.faces)
    assert {face.center[0] < 260 for face in found.track()} == {True}
    assert len(found.track()) == len(found.faces)
    assert found.crop().x < 40


def test_a_video_without_anybody_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encode(tmp_path / "v.mp4", scenery(100))
    monkeypatch.setattr(scan_module, "MAX_FACELESS_PIXELS", 30 * 96 * 96)
    with pytest.raises(Unusable, match="no face was found in the first 1 seconds"):
        scan(tmp_path / "v.mp4", 120.0)


def test_a_clock_that_stands_still_is_given_up(tmp_path: Path) -> None:
    video(
        tmp_path / "v.mkv", [np.zeros((16, 16, 3), np.uint8)] * 1000, "libx264", "matroska", list(range(1000)), 90_000
    )
    with pytest.raises(Unusable, match="more than 480 frames in a second"):
        scan(tmp_path / "v.mkv", 120.0)


def test_small_faces_are_searched_for_a_while_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nobody, a thorough look takes a hundred times as long as a quick one."""
    looks: list[bool] = []
    detect = FaceDetector.detect

    def counted(detector: FaceDetector, image: Image, thorough: bool = True) -> list[DetectedFace]:
        looks.append(thorough)
        return detect(detector, image, thorough)

    monkeypatch.setattr(FaceDetector, "detect", counted)
    encode(tmp_path / "v.mp4", scenery(200))
    scan(tmp_path / "v.mp4", 120.0)
    assert sum(looks) == THOROUGH_LOOKS < len(looks)
    assert all(looks[:THOROUGH_LOOKS])
