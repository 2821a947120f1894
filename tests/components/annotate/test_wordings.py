from __future__ import annotations

import pytest

from components.annotate.wordings import FOLDER, STRENGTHS, wordings
from components.common.artifacts import EMOTIONS
from components.common.errors import UserError

LEAST = {1: 100, 2: 280, 3: 500}


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_has_hundreds_of_each_strength(emotion: str) -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(EMOTIONS)
    found = wordings(emotion)
    assert list(found) == [1, 2, 3]
    for intensity, texts in found.items():
        assert len(texts) >= LEAST[intensity]
        assert all(text and text == " ".join(text.split()) for text in texts)


def test_no_wording_serves_two_emotions_or_two_strengths() -> None:
    seen: dict[str, tuple[str, int]] = {}
    for emotion in EMOTIONS:
        for intensity, texts in wordings(emotion).items():
            home = (emotion, 0 if emotion == "neutral" else intensity)
            for text in texts:
                assert seen.setdefault(text.casefold(), home) == home, text


def test_strengths_cover_the_intensities_and_unknown_emotions_are_one_line() -> None:
    assert {level for levels in STRENGTHS.values() for level in levels} == {1, 2, 3}
    with pytest.raises(UserError, match="bored"):
        wordings("bored")
