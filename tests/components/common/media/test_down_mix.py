"""A voice survives the way from two channels to one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.media import read_audio
from components.common.media.down_mix import down_mix
from tests.components.common.media.sound_samples import BEEPS, Wave, beeps, onsets, write_tracks

RATE = 16_000


def voice(seconds: float = 3.0) -> Wave:
    rng = np.random.default_rng(0)
    return (0.2 * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def correlation(a: Wave, b: Wave) -> float:
    return abs(float(np.corrcoef(a, b)[0, 1]))


def test_equal_channels_and_one_channel_are_the_same() -> None:
    wave = voice()
    assert (down_mix(wave[None], RATE) == wave).all()
    assert (down_mix(np.stack([wave, wave]), RATE) == wave).all()
    assert down_mix(np.stack([wave, 0 * wave]), RATE) == pytest.approx(wave / 2)
    assert len(down_mix(np.zeros((2, 0), np.float32), RATE)) == 0


def test_a_voice_upside_down_is_kept() -> None:
    wave, noise = voice(), 0.02 * np.random.default_rng(1).standard_normal((2, 3 * RATE)).astype(np.float32)
    for right in (-wave, -0.6 * wave):
        assert correlation(down_mix(np.stack([wave, right]) + noise, RATE), wave) > 0.97


def test_a_file_that_is_upside_down_in_part_is_kept() -> None:
    wave = voice()
    right = wave.copy()
    right[RATE:] *= -1
    mixed = down_mix(np.stack([wave, right]), RATE)
    for part in (slice(0, RATE - 4000), slice(RATE + 4000, None)):
        assert correlation(mixed[part], wave[part]) > 0.99


@pytest.mark.parametrize("channels", [2, 6])
def test_files_with_an_antiphase_voice_are_heard(tmp_path: Path, channels: int) -> None:
    wave = beeps()
    sound = np.zeros((channels, len(wave)), np.float32)
    sound[0], sound[1] = wave, -wave
    heard = read_audio(write_tracks(tmp_path / "a.mka", [sound], "flac"))
    assert onsets(heard) == pytest.approx(BEEPS, abs=0.01)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.02)
