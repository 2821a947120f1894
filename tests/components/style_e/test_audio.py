"""Mel features: where they lie in time, what a gain or silence does to them, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.errors import UserError
from components.style_e import audio
from components.style_e.audio import MELS_PER_FRAME, augment, band_statistics, frame_count, log_mel, normalize

BANDS = 40


def click(sample: int, length: int = 16_000) -> np.ndarray:
    wave = np.zeros(length, np.float32)
    wave[sample] = 1.0
    return wave


@pytest.mark.parametrize("frame", [0, 3, 11, 24])
def test_the_four_mels_of_a_video_frame_lie_inside_it(frame):
    # A click in the middle of each quarter of the frame is loudest in exactly that mel frame.
    for quarter in range(4):
        level = audio.frame_level(log_mel(click(frame * 640 + 160 * quarter + 80), BANDS))
        assert int(level.argmax()) == MELS_PER_FRAME * frame + quarter


def test_a_click_in_one_frame_does_not_sound_in_the_frame_after_the_next():
    level = audio.frame_level(log_mel(click(10 * 640 + 320), BANDS))
    heard = np.flatnonzero(level > level.min() + 1)
    assert heard.min() >= 4 * 9
    assert heard.max() < 4 * 12


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5000))
def test_there_are_four_mels_per_video_frame_whatever_the_length(samples):
    mel = log_mel(np.zeros(samples, np.float32), 8)
    assert mel.shape == (4 * max(1, round(samples / 640)), 8)
    assert frame_count(samples) * 4 == len(mel)


def test_normalizing_takes_the_gain_away(speech):
    mean, std = band_statistics([log_mel(speech, BANDS)])
    loud, soft = (normalize(log_mel(gain * speech, BANDS), mean, std) for gain in (1.0, 0.3))
    assert np.abs(loud - soft).mean() < 0.05


def test_silence_looks_like_the_silence_around_speech(speech):
    mel = log_mel(speech, BANDS)
    mean, std = band_statistics([mel])
    padded = normalize(mel, mean, std, pad=8)
    assert len(padded) == len(mel) + 16
    silent = normalize(log_mel(np.zeros(16_000, np.float32), BANDS), mean, std)
    # Far below speech, and close to what pads a speaking clip.
    assert silent.mean() < -1
    assert abs(silent.mean() - padded[:8].mean()) < 0.6
    assert padded[8:-8].max(0).mean() > 1


def test_augmenting_changes_the_sound_but_not_its_timing(speech):
    mel = log_mel(speech, BANDS)
    changed = augment(mel, np.random.default_rng(3))
    assert changed.shape == mel.shape
    np.testing.assert_array_equal(changed, augment(mel, np.random.default_rng(3)))
    assert np.abs(changed - mel).mean() > 0.3
    loud = audio.frame_level(mel), audio.frame_level(changed)
    assert np.corrcoef(*loud)[0, 1] > 0.7


@pytest.mark.parametrize(
    "wave", [np.zeros(0, np.float32), np.zeros((2, 100), np.float32), np.array([0.0, np.nan], np.float32)]
)
def test_bad_audio_is_refused_in_one_line(wave):
    with pytest.raises(UserError) as caught:
        log_mel(wave, BANDS)
    assert "\n" not in str(caught.value)
