"""Speech: phoneme times that match the sound, loudness per voice, bytes that do not depend on history."""

import numpy as np
import pytest

from components.common.artifacts import SAMPLE_RATE
from components.common.errors import UserError
from components.synthetic.motion.visemes import base_symbols
from components.synthetic.voice.sentences import (
    TEST_VOICES,
    TRAIN_VOICES,
)
from components.synthetic.voice.speech import Speaker, Utterance

SENTENCE = "Bob asked my friend for five big blue maps, but the show was over."


def level(utterance: Utterance, symbols: str) -> float:
    """Mean level in dB while one of the symbols is spoken."""
    powers = [
        float(np.mean(utterance.audio[int(p.start * SAMPLE_RATE) : int(p.end * SAMPLE_RATE)] ** 2))
        for p in utterance.phonemes
        if base_symbols(p.ipa)[:1] and base_symbols(p.ipa)[0] in symbols and p.end - p.start > 0.02
    ]
    return float(10 * np.log10(np.mean(powers)))


def rms(utterance: Utterance) -> float:
    return float(np.sqrt(np.mean(utterance.audio**2)))


def test_phoneme_times_match_the_sound() -> None:
    spoken = Speaker().say(SENTENCE, "en-us+f2")
    assert level(spoken, "aɑæoɔiɪuʊeɛ") > level(spoken, "ptk") + 10
    starts = [p.start for p in spoken.phonemes]
    assert starts == sorted(starts)
    assert abs(spoken.phonemes[-1].end - spoken.seconds) < 0.01


def test_same_words_same_bytes_whatever_was_said_before() -> None:
    first = Speaker().say(SENTENCE, "en-us+m7", "happy", 2)
    Speaker().say("Something else entirely, in another voice.", "en-us+f4", "angry", 3)
    again = Speaker().say(SENTENCE, "en-us+m7", "happy", 2)
    assert np.array_equal(first.audio, again.audio)
    assert first.phonemes == again.phonemes


def test_every_voice_speaks_and_is_normalized_by_voice_not_by_clip() -> None:
    speaker = Speaker()
    levels = [rms(speaker.say("A small blue boat.", voice)) for voice in (*TRAIN_VOICES, *TEST_VOICES)]
    assert max(levels) / min(levels) < 2.5
    sad, angry = (rms(speaker.say(SENTENCE, "en-us+f2", emotion, 3)) for emotion in ("sad", "angry"))
    assert angry > 1.3 * sad


def test_emotions_change_tempo() -> None:
    seconds = {e: Speaker().say(SENTENCE, "en-us", e, 3).seconds for e in ("sad", "neutral", "fear")}
    assert seconds["sad"] > seconds["neutral"] > seconds["fear"]


def test_fitted_pads_cuts_and_shifts() -> None:
    spoken = Speaker().say("My mother bought five fresh peaches.", "en-us+f3")
    longer = spoken.fitted(spoken.seconds + 1, lead=0.25)
    assert len(longer.audio) == round((spoken.seconds + 1) * SAMPLE_RATE)
    assert not longer.audio[: SAMPLE_RATE // 4].any()
    assert longer.phonemes[0].start == pytest.approx(spoken.phonemes[0].start + 0.25)
    cut = spoken.fitted(1.0)
    assert cut.frames == 25
    assert cut.audio[-1] == 0
    assert len(cut.phonemes) < len(spoken.phonemes)
    assert all(p.start < 1.0 and p.end <= 1.0 for p in cut.phonemes)


def test_an_unknown_voice_and_a_silent_text_are_user_errors() -> None:
    with pytest.raises(UserError, match="no voice"):
        Speaker().say("Hello.", "xx-nobody")
    with pytest.raises(UserError, match="says nothing"):
        Speaker().say("", "en-us")
