from __future__ import annotations

import pytest

from components.annotate.vocabulary import INTENSITIES, SYNONYMS, emotion_phrases, with_article
from components.common.artifacts import EMOTIONS
from components.common.errors import UserError

CLASSES = [(emotion, intensity) for emotion in EMOTIONS for intensity in INTENSITIES]


@pytest.mark.parametrize(("emotion", "intensity"), CLASSES)
def test_every_class_has_many_distinct_phrasings(emotion: str, intensity: int) -> None:
    phrases = emotion_phrases(emotion, intensity)
    assert len(phrases) == len(set(phrases)) >= 80
    assert phrases == emotion_phrases(emotion, intensity)
    for phrase in phrases:
        assert "{" not in phrase
        assert "  " not in phrase
        assert phrase == phrase.strip()
        assert " a a " not in phrase
        assert " a e" not in phrase
        assert " a i" not in phrase.replace(" a in ", "")


def test_no_synonym_serves_two_emotions() -> None:
    seen: dict[str, str] = {}
    for emotion, words in SYNONYMS.items():
        for word in {*words.plain, *words.weak, *words.strong}:
            assert seen.setdefault(word, emotion) == emotion, word


def test_articles_agree() -> None:
    assert with_article("a {} face", "angry") == "an angry face"
    assert with_article("a {} face", "sad") == "a sad face"


@pytest.mark.parametrize(("emotion", "intensity"), [("bored", 1), ("happy", 0), ("happy", 4)])
def test_unknown_classes_are_one_line(emotion: str, intensity: int) -> None:
    with pytest.raises(UserError):
        emotion_phrases(emotion, intensity)
