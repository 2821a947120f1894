"""Sound that is not of one piece lands in its time, and the track is the one that players take."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.common.media import read_audio, read_sound
from tests.components.common.media.sound_samples import BEEPS, beeps, onsets, write_tracks
from tests.components.corpus.media_samples import encode, scenery

SLACK = 0.03  # seconds: encoders begin with a block of padding
TS_PACKET = 188  # bytes


@pytest.mark.parametrize(
    ("codec", "suffix"),
    [
        ("aac", "mp4"),  # an edited file
        ("aac", "ts"),  # a broadcast with an interruption
        ("libopus", "webm"),  # a call: silence is not sent
        ("libopus", "mka"),
        ("flac", "mka"),
        ("flac", "mp4"),
    ],
)
def test_holes_are_silent(tmp_path: Path, codec: str, suffix: str) -> None:
    path = write_tracks(tmp_path / f"a.{suffix}", [beeps()], codec, keep=lambda s: not 0.8 < s < 1.3)
    heard = read_audio(path)
    assert onsets(heard) == pytest.approx(BEEPS, abs=SLACK)
    assert (heard[round(0.9 * 16_000) : round(1.25 * 16_000)] == 0).all()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0.05, 2.9), st.floats(0.03, 0.4)), max_size=4), st.sampled_from(["mp4", "mka"]))
def test_whatever_is_left_out_the_rest_stays_in_place(
    tmp_path: Path, holes: list[tuple[float, float]], suffix: str
) -> None:
    def kept(seconds: float) -> bool:
        return not any(start <= seconds < start + length for start, length in holes)

    ramp = np.linspace(0.1, 0.9, 3 * 48_000, dtype=np.float32)  # its level tells the time
    heard = read_audio(write_tracks(tmp_path / f"a.{suffix}", [ramp], "flac", keep=kept))
    heard, expected = heard[:48_000], ramp[::3][: len(heard)]
    # Beside a cut the resampler's filter rings; elsewhere it is the ramp or silence.
    assert np.mean((np.abs(heard - expected) < 0.01) | (np.abs(heard) < 0.01)) > 0.99


def test_a_late_beginning_is_kept(tmp_path: Path) -> None:
    for suffix in ("m4a", "mka", "ogg"):
        codec = "aac" if suffix == "m4a" else "libopus"
        path = write_tracks(tmp_path / f"a.{suffix}", [beeps()], codec, move=lambda s: 0.7)
        assert onsets(read_audio(path)) == pytest.approx([t + 0.7 for t in BEEPS], abs=SLACK), suffix
    # The clock of a broadcast starts anywhere.
    path = write_tracks(tmp_path / "a.ts", [beeps()], move=lambda s: 0.7)
    assert onsets(read_audio(path)) == pytest.approx(BEEPS, abs=SLACK)


def test_overlaps_are_dropped_and_a_new_clock_goes_on(tmp_path: Path) -> None:
    first = write_tracks(tmp_path / "a.ts", [beeps()]).read_bytes()
    for shift, later in ((2.6, 2.6), (3.5, 3.5), (0.0, 3.05)):
        second = write_tracks(tmp_path / "b.ts", [beeps()], move=lambda s, shift=shift: shift).read_bytes()
        (tmp_path / "c.ts").write_bytes(first + second)
        expected = [*BEEPS, *(t + later for t in BEEPS)]
        assert onsets(read_audio(tmp_path / "c.ts")) == pytest.approx(expected, abs=SLACK), shift


def test_a_clock_that_runs_backwards_beside_a_picture_is_refused(tmp_path: Path) -> None:
    encode(tmp_path / "v.ts", scenery(75), audio=beeps(rate=16_000)[None])
    data = (tmp_path / "v.ts").read_bytes()
    (tmp_path / "twice.ts").write_bytes(data + data)
    with pytest.raises(UserError, match="run backwards"):
        read_sound(tmp_path / "twice.ts")


def test_lost_packets_are_silent_and_many_are_refused(tmp_path: Path) -> None:
    data = write_tracks(tmp_path / "a.ts", [beeps()]).read_bytes()
    packets = [data[i : i + TS_PACKET] for i in range(0, len(data), TS_PACKET)]

    def lose(share: float) -> Path:
        rng = random.Random(0)
        kept = [packet for i, packet in enumerate(packets) if i < 6 or rng.random() > share]
        (tmp_path / "lost.ts").write_bytes(b"".join(kept))
        return tmp_path / "lost.ts"

    sound = read_sound(lose(0.04))
    assert sound.damaged > 0
    assert onsets(sound.samples) == pytest.approx(BEEPS, abs=SLACK)
    with pytest.raises(UserError, match="damaged"):
        read_sound(lose(0.5))


def test_a_hole_is_not_filled_beyond_reason(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mka", [beeps()], "flac", move=lambda s: 1e6 if s > 1 else 0.0)
    with pytest.raises(UserError, match="hole"):
        read_audio(path)
    path = write_tracks(tmp_path / "b.mka", [beeps()], "flac", move=lambda s: 300 if s > 1 else 0.0)
    sound = read_sound(path, seconds=4.0)
    assert len(sound.samples) == 64_000
    assert onsets(sound.samples) == pytest.approx(BEEPS[:1], abs=SLACK)


@pytest.mark.parametrize("suffix", ["m4a", "mka", "mov"])
@pytest.mark.parametrize("default", [0, 1, 2])
def test_the_default_track_is_heard(tmp_path: Path, suffix: str, default: int) -> None:
    tones = (300, 500, 800)
    path = write_tracks(tmp_path / f"a.{suffix}", [beeps(hertz=hertz) for hertz in tones], default=default)
    heard = read_audio(path)[:48_000]
    assert np.abs(np.fft.rfft(heard)).argmax() / 3 == pytest.approx(tones[default], abs=10)
