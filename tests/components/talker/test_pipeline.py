"""The whole talker on toy models: length, streaming, dials, files, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest

from components.common.arkit import INDEX, POSE
from components.common.errors import UserError
from components.common.media import Image, read_frames, write_wav
from components.talker.cli import main
from components.talker.controls import Knobs
from components.talker.generate import Request, donor_motion, generate
from components.talker.pipeline import Generation, Talker
from components.talker.portrait import Portrait

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    from components.synthetic.motion.clips import picture_free_clips

    return picture_free_clips(1, 7, sentences="test")[0].audio[: 16_000 * 6 // 5]


@pytest.fixture(scope="module")
def portrait(talker: Talker, face: Image) -> Portrait:
    return talker.portrait(face)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, face: Image, speech: np.ndarray) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    PIL.Image.fromarray(face).save(folder / "face.png")
    PIL.Image.fromarray(np.full((200, 300, 3), 90, np.uint8)).save(folder / "wall.png")
    write_wav(folder / "speech.wav", speech)
    return folder


def test_frames_match_the_sound_and_are_streamed(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    made = talker.generate(portrait, speech, "happy", size=128)
    assert len(made) == round(len(speech) / 640)
    assert isinstance(made.frames, Iterator)
    frames = list(made.frames)
    assert len(frames) == len(made)
    assert all(frame.shape == (128, 128, 3) and frame.dtype == np.uint8 for frame in frames)
    assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).max() > 20  # it moves


def test_same_seed_same_frames(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    def some(seed: int) -> tuple[Image, np.ndarray]:
        made: Generation = talker.generate(portrait, speech, knobs=Knobs(seed=seed), size=64)
        return next(made.frames), made.coefficients

    (first, rows), (again, same), (_, other) = some(1), some(1), some(2)
    assert (first == again).all()
    assert (rows == same).all()
    assert (rows != other).any()


def test_borrowed_pose_moves_the_head(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    donor = np.repeat(portrait.coefficients[None], 20, axis=0)
    donor[:, INDEX["yaw"]] += np.linspace(-0.2, 0.2, 20)
    made = talker.generate(portrait, speech, donor=donor, size=64)
    assert made.coefficients[:, INDEX["yaw"]].std() > 0.05
    still = talker.generate(portrait, speech, donor=donor, knobs=Knobs(head_motion=0), size=64)
    assert np.allclose(still.coefficients[:, POSE], portrait.coefficients[POSE], atol=1e-5)


def test_largest_face_wins(talker: Talker, two_faces: Image, face: Image) -> None:
    found = talker.portrait(two_faces)
    assert found.faces == 2
    assert found.picture.shape[0] == found.picture.shape[1]
    assert talker.portrait(face).faces == 1


def test_refusals(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    with pytest.raises(UserError, match="face"):
        talker.portrait(np.full((200, 300, 3), 90, np.uint8))
    with pytest.raises(UserError, match="at least"):
        talker.generate(portrait, speech[:100])
    with pytest.raises(UserError, match="not numbers"):
        talker.generate(portrait, np.full(16_000, np.nan, np.float32))
    with pytest.raises(UserError, match="characters"):
        talker.generate(portrait, speech, "sad " * 1000)
    with pytest.raises(UserError, match="size"):
        talker.generate(portrait, speech, size=511)


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
    lent = donor_motion(out, talker)
    assert lent.shape == (frames, 58)
    again = tmp_path / "again.mp4"
    generate(Request(files / "face.png", files / "speech.wav", again, "sad", size=64), talker)
    assert again.read_bytes() == out.read_bytes()


def test_a_failure_leaves_no_file(talker: Talker, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Image]:
        yield np.zeros((64, 64, 3), np.uint8)
        raise OSError("disk full")

    monkeypatch.setattr(talker, "_draw", broken)
    with pytest.raises(OSError, match="disk full"):
        generate(Request(files / "face.png", files / "speech.wav", tmp_path / "v.mp4", size=64), talker)
    assert not list(tmp_path.iterdir())


def test_command_line(models: Path, files: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "v.mp4"
    common = ["generate", "--audio", str(files / "speech.wav"), "--out", str(out), "--models", str(models)]
    assert main([*common, "--portrait", str(files / "wall.png")]) == 2
    message = capfd.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("error: ")
    assert "face" in message
    assert not out.exists()
    assert main([*common, "--portrait", str(files / "face.png"), "--max-seconds", "0.5"]) == 2
    assert "longer than 0.5 s" in capfd.readouterr().err
    assert (
        main([*common, "--portrait", str(files / "face.png"), "--size", "64", "--style", str(files / "face.png")]) == 0
    )
    assert capfd.readouterr().out.strip().endswith("v.mp4")
    assert out.is_file()
