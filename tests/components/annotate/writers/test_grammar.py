from __future__ import annotations

import pytest

from components.annotate.action_units import ActionUnit
from components.annotate.brief import Brief
from components.annotate.contradictions import contradictions
from components.annotate.writers.grammar import GrammarWriter
from components.common.artifacts import EMOTIONS
from tests.components.annotate.briefs import HAPPY, SMILE


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("intensity", [1, 3])
def test_the_grammar_is_varied_true_and_well_formed(emotion: str, intensity: int) -> None:
    units = {"AU4": ActionUnit("", "low", 0.2, "both"), "AU5": ActionUnit("", "middle", 0.4, "both")}
    brief = Brief("clip", emotion, intensity, units)
    sentences = GrammarWriter().write(brief, 24, seed=1)
    assert len(sentences) == len(set(sentences)) == 24
    for text in sentences:
        assert text[0].isupper()
        assert text.endswith(".")
        assert "{" not in text
        assert "  " not in text
        assert contradictions(text, emotion, units) == []


def test_the_grammar_follows_its_seed_and_the_clip() -> None:
    writer = GrammarWriter()
    assert writer.write(HAPPY, 8, 0) == writer.write(HAPPY, 8, 0)
    assert writer.write(HAPPY, 8, 0) != writer.write(HAPPY, 8, 1)
    assert writer.write(HAPPY, 8, 0) != writer.write(Brief("w002_happy", "happy", 3, SMILE, "man"), 8, 0)
    assert any("smile" in text for text in writer.write(HAPPY, 8, 0))
