from __future__ import annotations

import re

from components.annotate.vocabulary import INTENSITIES, emotion_phrases
from components.annotate.wordings import wordings
from components.common.artifacts import EMOTIONS
from evaluation.metrics.wordings import held_out_wordings

LEAST = 60  # an emotion
SHORT = 6  # letters up to which a wording may occur in another by chance


def plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.casefold()))


def test_every_emotion_is_judged_by_many_wordings_of_many_kinds() -> None:
    held = held_out_wordings()
    assert set(held) == set(EMOTIONS)
    for kinds in held.values():
        assert len(kinds) >= 8
        assert sum(map(len, kinds.values())) >= LEAST


def test_no_training_text_contains_a_wording_that_judges() -> None:
    trained = {plain(text) for e in EMOTIONS for level in INTENSITIES for text in emotion_phrases(e, level)}
    trained |= {plain(text) for e in EMOTIONS for texts in wordings(e).values() for text in texts}
    judges = [plain(text) for kinds in held_out_wordings().values() for texts in kinds.values() for text in texts]
    assert len(judges) == len(set(judges))
    together = "\n".join(f" {text} " for text in trained)
    assert [text for text in judges if text in trained] == []
    assert [text for text in judges if len(text) > SHORT and f" {text} " in together] == []
