from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from components.common.artifacts import ClipTruth, Phoneme
from components.common.media import Sound, VideoReader, read_audio, read_frames, write_wav
from components.corpus.prepare import PreparedClip, PrepareJob, fit_audio, prepare_clip
from components.corpus.readers.reader import Rejection, SourceClip
from components.face.detection import FaceDetector
from tests.components.corpus.media_samples import cut, encode, need_media, scenery, tone

Frames = list[NDArray[np.uint8]]


def prepare(tmp_path: Path, path: Path, **clip: Path) -> PreparedClip | Rejection:
    source = SourceClip(path, path.name, "someone", **clip)  # type: ignore[arg-type]
    return prepare_clip(PrepareJob(source, "clip", tmp_path / "clips", tmp_path / "truth", 128, 0.6, 120))


def check(tmp_path: Path, result: PreparedClip | Rejection, seconds: float) -> Frames:
    """The contract of a prepared clip; returns its frames."""
    assert isinstance(result, PreparedClip), result
    frames = list(read_frames(tmp_path / "clips/clip.mp4"))
    audio = read_audio(tmp_path / "clips/clip.wav")
    assert result.frames == len(frames) == pytest.approx(seconds * 25, abs=1)
    assert len(audio) == 640 * len(frames)
    assert frames[0].shape == (128, 128, 3)
    with VideoReader(tmp_path / "clips/clip.mp4") as video:
        times = [frame.seconds for frame in video]
    assert times == pytest.approx(np.arange(len(frames)) / 25, abs=1e-3)
    assert all(FaceDetector().detect(frame) for frame in frames[::10])
    return frames


@pytest.mark.parametrize(
    ("name", "fps", "codec", "audio_codec", "rate", "channels"),
    [
        ("a.mp4", 25, "libx264", "aac", 16_000, 1),
        ("b.mkv", 30, "mpeg4", "flac", 48_000, 2),
        ("c.avi", 50, "mpeg4", "libmp3lame", 44_100, 2),
        ("d.mov", 12, "mjpeg", "aac", 48_000, 6),
        ("e.webm", 24, "libvpx-vp9", "libopus", 48_000, 1),
    ],
)
def test_any_footage_becomes_25_fps_and_16_khz(
    tmp_path: Path, talk: Frames, name: str, fps: int, codec: str, audio_codec: str, rate: int, channels: int
) -> None:
    seconds = len(talk) / fps
    sound = tone(seconds, rate, channels)
    if audio_codec == "flac":
        audio = tmp_path / "a.wav"
        write_wav(audio, sound[0], rate)
        path = encode(tmp_path / name, talk, fps, codec)
        result = prepare(tmp_path, path, audio=audio)
    else:
        result = prepare(tmp_path, encode(tmp_path / name, talk, fps, codec, sound, rate, audio_codec))
    check(tmp_path, result, seconds)


def test_variable_frame_rate_keeps_time(tmp_path: Path, talk: Frames) -> None:
    times = np.cumsum([0.02, 0.06, 0.04, 0.1, 0.03] * 6) - 0.02
    result = prepare(tmp_path, encode(tmp_path / "v.mkv", talk, times=list(times), audio=tone(1.5)))
    check(tmp_path, result, times[-1] + 0.04)


def test_phones_held_upright(tmp_path: Path, talk: Frames) -> None:
    lying = [np.rot90(frame, -1) for frame in talk]
    frames = check(tmp_path, prepare(tmp_path, encode(tmp_path / "v.mp4", lying, audio=tone(1.2), rotation=90)), 1.2)
    right = check(tmp_path, prepare(tmp_path, encode(tmp_path / "u.mp4", talk, audio=tone(1.2))), 1.2)
    assert np.abs(frames[0].astype(int) - right[0]).mean() < 4


def test_equal_footage_gives_equal_bytes(tmp_path: Path, talk: Frames) -> None:
    path = encode(tmp_path / "v.mp4", talk, 30, audio=tone(1.0))
    results = []
    for folder in ("one", "two"):
        results.append(prepare(tmp_path / folder, path))
    assert results[0] == results[1]
    for name in ("clip.mp4", "clip.wav"):
        assert (tmp_path / "one/clips" / name).read_bytes() == (tmp_path / "two/clips" / name).read_bytes()


def test_sound_starts_with_its_picture() -> None:
    samples = np.arange(1, 6401, dtype=np.float32)
    assert fit_audio(Sound(0.0, samples), 10).tolist() == samples.tolist()
    late = fit_audio(Sound(0.1, samples), 10)
    assert (late[:1600] == 0).all()
    assert late[1600] == 1
    early = fit_audio(Sound(-0.1, samples), 10)
    assert early[0] == 1601
    assert (early[-1600:] == 0).all()
    for start in (-2.0, 2.0):
        assert (fit_audio(Sound(start, samples), 10) == 0).all()


def test_true_motion_follows_the_crop_and_the_frames(tmp_path: Path, portrait: NDArray[np.uint8]) -> None:
    from components.common.arkit import INDEX

    # A portrait in the lower right of a larger square, at 50 fps: every other row, in the crop's units.
    canvas = np.full((512, 512, 3), 90, np.uint8)
    canvas[256:, 256:] = portrait
    path = encode(tmp_path / "v.mp4", [canvas] * 50, 50, audio=tone(1.0))
    rows = np.zeros((50, 58), np.float32)
    rows[:, INDEX["jawOpen"]] = np.arange(50) / 50
    rows[:, INDEX["tx"]], rows[:, INDEX["ty"]], rows[:, INDEX["scale"]] = 0.25, 0.2, 0.15
    ClipTruth(rows, (Phoneme(0, 1, "a"),), "a").save(tmp_path / "v.safetensors")
    result = prepare(tmp_path, path, truth=tmp_path / "v.safetensors")
    frames = check(tmp_path, result, 1.0)
    truth = ClipTruth.load(tmp_path / "truth/clip.safetensors")
    assert truth.coefficients[:, INDEX["jawOpen"]] == pytest.approx(np.arange(0, 50, 2) / 50)
    # The same point by the detector: how the crop moved and scaled the picture.
    before, after = FaceDetector().detect(canvas)[0], FaceDetector().detect(frames[0])[0]
    zoom = (after.side / 128) / (before.side / 512)
    assert zoom > 1.2
    assert truth.coefficients[0, INDEX["scale"]] == pytest.approx(0.15 * zoom, rel=0.1)
    moved = after.center / 128 - 0.5 + zoom * (np.array([0.25, 0.2]) - (before.center / 512 - 0.5))
    assert truth.coefficients[0, [INDEX["tx"], INDEX["ty"]]] == pytest.approx(moved, abs=0.03)

    short = ClipTruth(rows[:40], (), "a")
    short.save(tmp_path / "v.safetensors")
    rejected = prepare(tmp_path, path, truth=tmp_path / "v.safetensors")
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "the true motion has 40 rows, the video 50 frames"


def reason(tmp_path: Path, path: Path, **clip: Path) -> str:
    """Why a file is rejected; nothing may be left of it."""
    result = prepare(tmp_path, path, **clip)
    assert isinstance(result, Rejection), result
    assert not (tmp_path / "clips").exists() or list((tmp_path / "clips").iterdir()) == []
    assert "\n" not in result.reason
    assert str(tmp_path) not in result.reason
    return result.reason


def test_unusable_footage_is_rejected_with_its_reason(tmp_path: Path, talk: Frames) -> None:
    empty, text = tmp_path / "empty.mp4", tmp_path / "text.mp4"
    empty.write_bytes(b"")
    text.write_text("these are words, not pictures\n" * 20)
    whole = encode(tmp_path / "whole.mp4", talk, audio=tone(1.2), options={"movflags": "faststart"})
    rarely = [*scenery(28, 160, 200), *talk[:17]]
    quiet = np.zeros((1, 19_200), np.float32)
    cases = {
        empty: "the file is empty (0 bytes)",
        text: "the file is a text file, not video or audio",
        tmp_path / "gone.mp4": "the file is not a file",
        cut(tmp_path / "cut.mp4", whole, 0.6): "the file is cut off: ",
        encode(tmp_path / "mute.mp4", talk): "the file has no audio stream",
        encode(tmp_path / "silent.mp4", talk, audio=quiet): "the audio is silent",
        encode(tmp_path / "nobody.mp4", scenery(30), audio=tone(1.2)): "no face was found in any of 3 sampled frames",
        encode(tmp_path / "short.mp4", talk[:10], audio=tone(0.4)): "too short: 0.40 seconds, at least 0.6 are needed",
        encode(tmp_path / "brief_sound.mp4", talk, audio=tone(0.5)): "the audio covers 0.0 to 0.",
        encode(tmp_path / "rarely.mp4", rarely, audio=tone(1.8)): "a face was found in only 2 of 5 sampled frames",
    }
    for path, words in cases.items():
        assert reason(tmp_path, path).startswith(words), path.name
    write_wav(tmp_path / "only.mp4", tone(1.2)[0])
    assert "no video stream" in reason(tmp_path, tmp_path / "only.mp4")
    assert "the audio file is empty" in reason(tmp_path, whole, audio=empty)


def test_an_animal_is_rejected(tmp_path: Path) -> None:
    from components.common.media import read_image

    dog = read_image(need_media("portrait", "not_a_human_face.jpg"))
    path = encode(tmp_path / "dog.mp4", [dog] * 20, audio=tone(0.8))
    assert reason(tmp_path, path) == "the face is not a human one"


@pytest.mark.parametrize(("name", "frames"), [("talk_a.mp4", 200), ("talk_b.mp4", 373), ("talk_c.mp4", 175)])
@pytest.mark.slow
def test_real_talks_are_prepared(tmp_path: Path, name: str, frames: int) -> None:
    result = prepare(tmp_path, need_media("video", name))
    check(tmp_path, result, frames / 25)
    assert isinstance(result, PreparedClip)
    assert (result.frames, result.face_rate) == (frames, 1.0)


@pytest.mark.slow
def test_a_small_face_in_a_wide_silent_video_is_framed(tmp_path: Path) -> None:
    path = need_media("video", "wide_silent.mp4")
    assert reason(tmp_path, path) == "the audio is silent"
    write_wav(tmp_path / "voice.wav", tone(6.0)[0])
    frames = check(tmp_path, prepare(tmp_path, path, audio=tmp_path / "voice.wav"), 6.0)
    shares = [FaceDetector().detect(frame)[0].side / 128 for frame in frames[::30]]
    assert all(0.35 < share < 0.65 for share in shares)
