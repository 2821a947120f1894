"""Video out: true colors, sound in step, equal bytes, and nothing left of a failed write."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from components.common.errors import UserError
from components.common.media import VideoWriter, read_audio, read_frames, write_video
from tests.components.corpus.media_samples import scenery, tone


def patches() -> np.ndarray:
    """Eight flat saturated colors: a wrong color matrix or range shows at once."""
    colors = [
        (220, 30, 30),
        (30, 200, 40),
        (40, 50, 210),
        (230, 220, 40),
        (20, 20, 20),
        (235, 235, 235),
        (128, 64, 190),
        (90, 160, 150),
    ]
    return np.concatenate([np.full((64, 32, 3), color, np.uint8) for color in colors], axis=1)


def test_written_video_reads_back_with_its_colors(tmp_path: Path) -> None:
    assert write_video(tmp_path / "v.mp4", [patches()] * 5, crf=10) == 5
    frames = list(read_frames(tmp_path / "v.mp4"))
    assert len(frames) == 5
    inner = [frames[2][8:-8, x + 8 : x + 24].astype(int) - patches()[8:-8, x + 8 : x + 24] for x in range(0, 256, 32)]
    assert max(np.abs(difference).mean() for difference in inner) < 2.5
    assert abs(np.mean(inner)) < 0.5  # no bias


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, scenery(9), tone(0.36)[0])
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("seconds", [0.2, 1.0, 1.7])
def test_sound_is_as_long_as_the_picture(tmp_path: Path, seconds: float) -> None:
    write_video(tmp_path / "v.mp4", scenery(25), tone(seconds)[0])
    with av.open(str(tmp_path / "v.mp4")) as container:
        lengths = [float(stream.duration * stream.time_base) for stream in container.streams]
    assert lengths == pytest.approx([1.0, 1.0], abs=1e-3)
    heard = read_audio(tmp_path / "v.mp4")
    assert np.abs(heard[3200:16000]).max() > 0.3 if seconds >= 1 else np.abs(heard[6000:16000]).max() < 0.05


def test_sound_is_in_step(tmp_path: Path) -> None:
    click = np.zeros(16_000, np.float32)
    click[8000:8040] = 0.9
    write_video(tmp_path / "v.mp4", scenery(25), click)
    heard = read_audio(tmp_path / "v.mp4")
    assert abs(int(np.abs(heard).argmax()) - 8020) <= 40


def test_tags_are_kept(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "v.mp4", 96, 96, metadata={"comment": "synthetic", "model": "ü 1"}) as video:
        video.add(scenery(1)[0])
    with av.open(str(tmp_path / "v.mp4")) as container:
        assert container.metadata["comment"] == "synthetic"
        assert container.metadata["model"] == "ü 1"


def break_midway(path: Path) -> None:
    with VideoWriter(path, 96, 96) as video:
        video.add(scenery(1)[0])
        raise RuntimeError("midway")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="midway"):
        break_midway(tmp_path / "v.mp4")
    with pytest.raises(UserError, match="no frame"), VideoWriter(tmp_path / "v.mp4", 96, 96):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"old")
    with pytest.raises(RuntimeError, match="midway"):
        break_midway(tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == b"old"


def test_wrong_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        VideoWriter(tmp_path / "v.mp4", 95, 96)
    with pytest.raises(ValueError, match="frames must be"), VideoWriter(tmp_path / "v.mp4", 96, 96) as video:
        video.add(np.zeros((48, 96, 3), np.uint8))
