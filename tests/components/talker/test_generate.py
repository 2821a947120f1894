"""Files in, one mp4 out: what is refused before the models are asked, the pace of a driving video, whole files only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from components.common.errors import UserError
from components.common.media import Image, VideoWriter, read_frames
from components.talker.generate import DRIVING_SIDE, Request, _frames_at_rate, check, driving_motion, generate
from components.talker.pipeline import Talker


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    for name in ("p.png", "a.wav"):
        (tmp_path / name).write_bytes(b"x")
    return Request(tmp_path / "p.png", tmp_path / "a.wav", tmp_path / "v.mp4")


def test_a_good_request_passes(request_: Request) -> None:
    check(request_)
    assert list(request_.inputs()) == ["portrait", "audio"]
    assert list(replace(request_, art=request_.audio, pose_from=request_.audio).inputs()) == [
        *("portrait", "audio", "art", "pose")
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"portrait": "none.png"}, "portrait: .*none.png is not a file"),
        ({"pose_from": "none.mp4"}, "pose: .*none.mp4 is not a file"),
        ({"out": "v.avi"}, "must end in .mp4"),
        ({"out": "folder.mp4"}, "is a folder"),
        ({"art": "v.mp4"}, "also an input"),
    ],
)
def test_refused_before_models_are_loaded(
    request_: Request, tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "v.mp4").write_bytes(b"x")
    with pytest.raises(UserError, match=message):
        check(replace(request_, **{name: tmp_path / path for name, path in changes.items()}))


@pytest.mark.parametrize(("rate", "frames"), [(10, 8), (25, 20), (50, 40)])
def test_a_driving_video_is_read_at_25_frames_a_second(tmp_path: Path, rate: int, frames: int) -> None:
    with VideoWriter(tmp_path / "v.mp4", 64, 48, fps=rate) as video:
        for level in np.linspace(0, 240, frames):
            video.add(np.full((48, 64, 3), level, np.uint8))
    images = list(_frames_at_rate(tmp_path / "v.mp4"))
    assert abs(len(images) - frames / rate * 25) <= 2
    levels = np.array([float(image.mean()) for image in images])
    assert (np.diff(levels) > -3).all()  # in order
    assert np.abs(np.diff(levels)).max() <= 240 / frames * max(1, rate / 25) + 6  # and at an even pace


def test_large_driving_videos_are_shrunk(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "v.mp4", 2 * DRIVING_SIDE, DRIVING_SIDE) as video:
        video.add(np.zeros((DRIVING_SIDE, 2 * DRIVING_SIDE, 3), np.uint8))
    (image,) = _frames_at_rate(tmp_path / "v.mp4")
    assert image.shape == (DRIVING_SIDE // 2, DRIVING_SIDE, 3)


@pytest.mark.slow
def test_file_in_file_out(talker: Talker, files: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "video.mp4"
    frames = generate(Request(files / "face.png", files / "speech.wav", out, "sad", size=64), talker)
    with av.open(str(out)) as video:
        picture, sound = video.streams.video[0], video.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert video.metadata["style2talker.synthetic"] == "true"
        assert len(video.metadata["style2talker.input.portrait.sha256"]) == 64
        length = float(sound.duration * sound.time_base)
    assert abs(length - frames / 25) <= 1 / 25
    assert len(list(read_frames(out))) == frames
    assert driving_motion(out, talker).shape == (frames, 58)
    again = tmp_path / "again.mp4"
    generate(Request(files / "face.png", files / "speech.wav", again, "sad", size=64), talker)
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.slow
def test_a_failure_leaves_no_file(talker: Talker, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Image]:
        yield np.zeros((64, 64, 3), np.uint8)
        raise OSError("disk full")

    monkeypatch.setattr(talker, "_draw", broken)
    with pytest.raises(OSError, match="disk full"):
        generate(Request(files / "face.png", files / "speech.wav", tmp_path / "v.mp4", size=64), talker)
    assert not list(tmp_path.iterdir())
