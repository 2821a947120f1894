"""Labels as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.artifacts import EMOTIONS
from components.corpus.readers.labels import ALIASES, LabelError, emotion_name, intensity_level


@settings(max_examples=60, deadline=None)
@given(st.text("level_hapy 123.0-+einfä\n", max_size=12))
def test_any_label_is_understood_or_refused(word: str) -> None:
    for read, allowed in ((emotion_name, {*EMOTIONS, ""}), (intensity_level, {0, 1, 2, 3})):
        try:
            value: str | int = read(word)
        except LabelError:
            continue
        assert value in allowed


def test_label_spellings() -> None:
    assert [emotion_name(word) for word in (" Happy", "SURPRISE", "fearful", "disgust", "")] == [
        "happy",
        "surprised",
        "fear",
        "disgusted",
        "",
    ]
    assert [intensity_level(word) for word in ("2", "2.0", "level_3", "")] == [2, 2, 3, 0]
    for word in ("nan", "inf", "0", "2.5", "-1", "two"):
        with pytest.raises(LabelError):
            intensity_level(word)


def test_aliases_lead_to_the_eight_names_and_never_to_two() -> None:
    assert tuple(ALIASES) == EMOTIONS
    words = [word for aliases in ALIASES.values() for word in aliases]
    assert len(set(words)) == len(words)
    assert not set(words) & set(EMOTIONS)


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(LabelError, match="'bored' is none of neutral, happy"):
        emotion_name(" bored ")
    with pytest.raises(LabelError, match="'4' is none of 1, 2, 3"):
        intensity_level("4")
