"""Sound in and out: any rate and layout becomes 16 kHz mono, in time and never wrapped."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from components.common.errors import UserError
from components.common.media import read_audio, read_sound, write_video, write_wav
from tests.components.corpus.media_samples import scenery, tone


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


def test_what_has_no_sound_says_so(tmp_path: Path) -> None:
    write_video(tmp_path / "silent.mp4", scenery(2))
    with pytest.raises(UserError, match="no audio stream"):
        read_audio(tmp_path / "silent.mp4")
    write_wav(tmp_path / "empty.wav", np.zeros(0, np.float32))
    with pytest.raises(UserError, match="without samples"):
        read_audio(tmp_path / "empty.wav")
