from __future__ import annotations

from components.annotate.brief import person_of


def test_mead_names_tell_the_sex() -> None:
    assert (person_of("M003"), person_of("W009"), person_of("alice"), person_of("M3")) == (
        "man",
        "woman",
        "person",
        "person",
    )
