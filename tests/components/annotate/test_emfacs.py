"""The table: units that exist, the published combinations, and nothing of our own among them."""

from __future__ import annotations

import pytest

from components.annotate.action_units import UNITS
from components.annotate.contradictions import contradictions
from components.annotate.emfacs import ACCOMPANYING, EMFACS, ONE_SIDED, prototype
from components.common.artifacts import EMOTIONS


def test_every_emotion_has_its_units_and_they_exist() -> None:
    assert tuple(EMFACS) == EMOTIONS
    assert {"contempt"} == ONE_SIDED
    for emotion in EMOTIONS:
        assert set(prototype(emotion)) <= set(UNITS)
        assert all(0 < weight <= 1 for weight in EMFACS[emotion].values())


@pytest.mark.parametrize(
    ("emotion", "units"),
    [
        ("happy", "AU6 AU12"),
        ("sad", "AU1 AU4 AU15"),
        ("angry", "AU4 AU5 AU7 AU23"),
        ("fear", "AU1 AU2 AU4 AU5 AU20 AU26"),
        ("surprised", "AU1 AU2 AU5 AU26"),
        ("disgusted", "AU9 AU15 AU17"),
        ("contempt", "AU12 AU14"),
    ],
)
def test_the_prototypes_of_emfacs_are_in_it(emotion: str, units: str) -> None:
    assert set(units.split()) <= set(EMFACS[emotion])


def test_what_accompanies_an_emotion_is_not_of_its_prototype() -> None:
    for emotion, units in ACCOMPANYING.items():
        assert not set(units) & set(EMFACS[emotion])
        assert prototype(emotion) == {**EMFACS[emotion], **units}


def test_only_the_published_units_may_be_spoken_of_unseen() -> None:
    assert contradictions("He is disgusted, with a wrinkled nose.", "disgusted", set()) == []
    assert contradictions("He is disgusted, with narrowed eyes.", "disgusted", {"AU7"}) == []
    assert contradictions("He is furious and squints.", "angry", set()) == []
    assert contradictions("He is disgusted and squints.", "disgusted", set())  # AU7 merely accompanies
