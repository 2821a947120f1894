"""Frames in: upright, square, timed, and honest about what a damaged file lacks."""

from __future__ import annotations

import fractions
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.common.media import VideoReader, read_audio, read_frames, video_reader, write_video, write_wav
from tests.components.corpus.media_samples import cut, encode, scenery, tone

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(st.integers(0, 1500), st.binary(min_size=1, max_size=64))
def test_damaged_videos_never_crash(tmp_path: Path, position: int, noise: bytes) -> None:
    whole = tmp_path / "whole.mp4"
    if not whole.exists():
        write_video(whole, scenery(4), tone(0.16)[0])
    data = bytearray(whole.read_bytes())
    data[position : position + len(noise)] = noise
    (tmp_path / "damaged.mp4").write_bytes(bytes(data))
    for read in (lambda p: list(read_frames(p)), read_audio):
        with suppress(UserError):
            read(tmp_path / "damaged.mp4")


def test_rotation_is_applied(tmp_path: Path) -> None:
    frame = np.full((64, 96, 3), 30, np.uint8)
    frame[:16, :24] = 230  # top left
    for rotation, corner in ((90, (-8, 8)), (-90, (8, -8)), (180, (-8, -8))):
        path = encode(tmp_path / f"{rotation}.mp4", [frame] * 3, rotation=rotation)
        image = next(read_frames(path))
        assert image.shape == ((96, 64, 3) if rotation % 180 else (64, 96, 3))
        assert image[corner].mean() > 180, rotation


def test_oblong_pixels_become_square(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        stream.codec_context.sample_aspect_ratio = fractions.Fraction(4, 3)
        for frame in scenery(2):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    assert next(read_frames(path)).shape == (96, 128, 3)


def test_frames_carry_their_times(tmp_path: Path) -> None:
    times = [0.0, 0.033, 0.1, 0.12, 0.4, 0.43]
    path = encode(tmp_path / "v.mkv", scenery(6), times=times)
    with VideoReader(path) as video:
        seconds = [frame.seconds for frame in video]
    assert np.asarray(seconds) - seconds[0] == pytest.approx(times, abs=2e-3)


def test_a_cut_off_file_says_how_much_is_there(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mp4", scenery(50), options={"movflags": "faststart"})
    with VideoReader(cut(tmp_path / "cut.mp4", whole, 0.6)) as video:
        decoded = sum(1 for _ in video)
        assert video.declared == 50
        assert 0 < video.missing < 50
        assert decoded < 50
    with VideoReader(whole) as video:
        assert (sum(1 for _ in video), video.missing, video.damaged) == (50, 0, 0)


def test_cover_art_is_no_video(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.5)[0])
    with pytest.raises(UserError, match="no video stream"), VideoReader(tmp_path / "a.wav"):
        pass


@pytest.mark.parametrize(("width", "height"), [(7600, 7600), (4104, 2304), (64, 16_386)])
def test_frames_beyond_4k_are_refused_before_any_is_decoded(tmp_path: Path, width: int, height: int) -> None:
    with av.open(str(tmp_path / "large.avi"), "w", format="avi") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "gray"
        container.start_encoding()
    with (
        pytest.raises(UserError, match=f"frames of {width}x{height} pixels are too large"),
        VideoReader(tmp_path / "large.avi"),
    ):
        pytest.fail("it was opened")


def test_a_pass_decodes_a_bounded_number_of_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "v.mp4", [np.zeros((48, 64, 3), np.uint8)] * 9)
    monkeypatch.setattr(video_reader, "MAX_VIDEO_PIXELS", 4 * 48 * 64)
    with pytest.raises(UserError, match="too much to decode"), VideoReader(tmp_path / "v.mp4") as video:
        list(video)
    assert video.decoded == 4
