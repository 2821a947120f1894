from __future__ import annotations

import fractions
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.common.media import (
    VideoReader,
    VideoWriter,
    read_audio,
    read_frames,
    read_image,
    read_sound,
    write_video,
    write_wav,
)
from tests.components.corpus.media_samples import cut, encode, scenery, tone

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"just some words\n" * 9, "text file"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "text file"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "text file"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(2000), "index of the mp4 is missing"),
        (bytes(range(256)) * 8, "not a media file"),
    ],
)
def test_what_is_not_media_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        list(read_frames(path))
    with pytest.raises(UserError, match=words):
        read_audio(path)


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.mp4"):
        with pytest.raises(UserError, match="not a file"):
            list(read_frames(path))


@pytest.mark.parametrize("name", ["-v.mp4", "http:x.mp4", "concat:a|b.mp4", "ä \n%03d.mp4"])
def test_names_are_only_names(tmp_path: Path, name: str) -> None:
    write_video(tmp_path / name, scenery(3))
    assert len(list(read_frames(tmp_path / name))) == 3


@QUICK
@given(st.binary(max_size=4000))
def test_random_bytes_never_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "random"
    path.write_bytes(content)
    for read in (lambda p: list(read_frames(p)), read_audio, read_image):
        with pytest.raises(UserError):
            read(path)


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


@pytest.mark.parametrize(
    ("rate", "channels", "codec", "suffix"),
    [(48_000, 2, "aac", "m4a"), (44_100, 1, "libmp3lame", "mp3"), (24_000, 6, "flac", "mkv")],
)
def test_any_sound_becomes_16_khz_mono(tmp_path: Path, rate: int, channels: int, codec: str, suffix: str) -> None:
    audio = tone(1.0, rate, channels)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        kind = "s16" if codec == "flac" else "fltp"
        data = (audio.T.reshape(1, -1) * 32767).astype(np.int16) if kind == "s16" else audio
        block = av.AudioFrame.from_ndarray(data, format=kind, layout=layout)
        block.sample_rate, block.pts = rate, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode())
    heard = read_audio(path)
    assert heard.dtype == np.float32
    assert len(heard) == pytest.approx(16_000, abs=1300)  # mp3 and AAC pad to whole blocks
    spectrum = np.abs(np.fft.rfft(heard[2000:14_000]))
    assert spectrum.argmax() * 16_000 / 12_000 == pytest.approx(220, abs=2)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_resampling_keeps_time(tmp_path: Path, rate: int) -> None:
    t = np.arange(rate) / rate - 0.5
    write_wav(tmp_path / "a.wav", (0.9 * np.exp(-((t * 400) ** 2))).astype(np.float32), rate)
    heard = read_audio(tmp_path / "a.wav")
    assert len(heard) == pytest.approx(16_000, abs=2)
    assert int(heard.argmax()) == pytest.approx(8000, abs=2)


def test_sound_can_be_cut_and_nan_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(2.0)[0])
    assert len(read_sound(tmp_path / "a.wav", seconds=0.5).samples) == 8000
    soundfile.write(tmp_path / "nan.wav", np.full(800, np.nan, np.float32), 16_000, subtype="FLOAT")
    with pytest.raises(UserError, match="not numbers"):
        read_audio(tmp_path / "nan.wav")


def test_wav_clips_instead_of_wrapping(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([2.0, -2.0, 0.5], np.float32))
    assert read_audio(tmp_path / "a.wav") == pytest.approx([1, -1, 0.5], abs=1e-3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_pictures_of_any_mode_become_rgb(tmp_path: Path, mode: str) -> None:
    bright = np.zeros((20, 30), np.uint16 if mode == "I;16" else np.uint8)
    bright[:, 15:] = np.iinfo(bright.dtype).max
    picture = (
        PIL.Image.fromarray(bright) if mode == "I;16" else PIL.Image.fromarray(bright).convert("RGB").convert(mode)
    )
    suffix = {"CMYK": "tif", "YCbCr": "jpg"}.get(mode, "png")
    picture.save(tmp_path / f"p.{suffix}")
    image = read_image(tmp_path / f"p.{suffix}")
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    assert image[:, :12].max() < 20
    assert image[:, 18:].min() > 235


def test_transparency_lies_over_white_and_exif_is_applied(tmp_path: Path) -> None:
    PIL.Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png").min() == 255
    picture = PIL.Image.new("RGB", (40, 20))
    picture.paste((255, 255, 255), (0, 0, 10, 10))  # top left
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # show it turned a quarter clockwise
    picture.save(tmp_path / "turned.jpg", exif=exif)
    image = read_image(tmp_path / "turned.jpg")
    assert image.shape == (40, 20, 3)
    assert image[3, -4].min() > 200


def test_damaged_huge_and_foreign_pictures_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "whole.png")
    with pytest.raises(UserError, match="damaged"):
        read_image(cut(tmp_path / "cut.png", tmp_path / "whole.png", 0.5))
    PIL.Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    with pytest.raises(UserError, match="the limit is 64 million"):
        read_image(tmp_path / "huge.png")
    (tmp_path / "words.png").write_text("not a picture")
    with pytest.raises(UserError, match="not a picture"):
        read_image(tmp_path / "words.png")
