from __future__ import annotations

import pytest

from components.annotate.action_units import UNITS, ActionUnit
from components.annotate.unit_phrases import is_plural, phrases_of


def test_remarks_agree_in_number() -> None:
    assert is_plural("furrowed brows")
    assert not is_plural("a faint smile")
    assert not is_plural("one raised eyebrow")


def test_a_one_sided_smile_is_crooked() -> None:
    assert phrases_of("AU12", ActionUnit("", "high", 0.8, "left"))[0] == "a crooked half smile"
    assert phrases_of("AU12", ActionUnit("", "high", 0.8, "both"))[0] == "a broad smile"
    assert phrases_of("AU15", ActionUnit("", "low", 0.2, "left"))[0] == "slightly lowered lip corners"  # no own words


def test_what_speech_alone_moves_is_not_worth_a_remark() -> None:
    assert phrases_of("AU25", ActionUnit("", "high", 0.9, "both")) == ()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_that_is_remarked_on_has_words_for_every_level_and_no_two_share_one(name: str) -> None:
    levels = [phrases_of(name, ActionUnit("", level, 0.5, "both")) for level in ("low", "middle", "high")]
    assert all(levels) or not any(levels)
    words = [phrase for phrases in levels for phrase in phrases]
    assert len(set(words)) == len(words)
