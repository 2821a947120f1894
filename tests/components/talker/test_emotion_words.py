"""The table: every word has one meaning."""

from __future__ import annotations

from components.common.artifacts import EMOTIONS
from components.talker.emotion_words import english_words, fillers


def test_every_word_means_one_feeling_or_degree() -> None:
    words = english_words()
    names = {"afraid": "fear", "contemptuous": "contempt"}
    assert {names.get(english, english) for english in words.values()} == {*EMOTIONS, "very", "slightly"}
    assert not fillers() & set(words)
    assert all(word == word.casefold() and word.strip() == word for word in words)
