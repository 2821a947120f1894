from __future__ import annotations

import numpy as np
import pytest

from components.annotate.prosody import arousal, prosody
from components.common.artifacts import SAMPLE_RATE


def voice(hertz: float, loudness: float, wobble: float = 0.0, seconds: float = 1.5) -> np.ndarray:
    """A buzzing tone with four syllables a second, its pitch rising and falling by `wobble` semitones."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = hertz * 2 ** (wobble / 12 * np.sin(2 * np.pi * times))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 6))
    return (loudness * tone * (0.55 + 0.45 * np.sin(8 * np.pi * times))).astype(np.float32)


def test_level_and_pitch_come_out_in_decibels_and_semitones() -> None:
    low, high = prosody(voice(110.0, 0.1)), prosody(voice(220.0, 0.2))
    assert high[0] - low[0] == pytest.approx(20 * np.log10(2), abs=0.3)
    assert low[1] == pytest.approx(12 * np.log2(1.1), abs=0.3)
    assert high[1] - low[1] == pytest.approx(12.0, abs=0.3)


def test_a_moving_pitch_has_a_range_and_each_syllable_rises_and_falls() -> None:
    flat, moving = prosody(voice(150.0, 0.1)), prosody(voice(150.0, 0.1, wobble=4.0))
    assert flat[2] < 0.5
    assert 2.0 < moving[2] < 8.0
    assert flat[3] == pytest.approx(8.0, abs=0.5)


@pytest.mark.parametrize("samples", [0, 100, SAMPLE_RATE])
def test_silence_is_zero(samples: int) -> None:
    assert prosody(np.zeros(samples, np.float32)).tolist() == [0, 0, 0, 0]


def test_arousal_compares_a_person_with_themselves() -> None:
    calm, excited = np.array([-30.0, 0.0, 1.0, 3.0]), np.array([-20.0, 6.0, 4.0, 5.0])
    loud_person = [calm + 9, calm + 9, excited + 9]
    values = arousal([calm, calm, excited, *loud_person], ["a"] * 3 + ["b"] * 3)
    assert values[2] == pytest.approx(values[5])  # the louder microphone does not count
    assert values[2] > values[0] == values[1] == 0
    assert arousal([calm], ["a"]).tolist() == [0.0]
