from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from components.annotate.brief import Brief
from components.annotate.writers.prompt import MAX_WORDS, ask, parse
from tests.components.annotate.briefs import HAPPY


def test_the_request_names_what_is_seen() -> None:
    request = ask(HAPPY, 5)
    assert "5 different sentences" in request
    assert "smile" in request
    assert "happy" in request


def test_a_still_face_is_said_to_be_still() -> None:
    assert "no remarkable movement" in ask(Brief("c", "neutral", 1), 3)


def test_answers_are_cleaned() -> None:
    answer = '1. "The man is very happy"\n- He smiles broadly.\n\nSure, here are some:\nYes\n2) He smiles broadly.\n'
    assert parse(answer) == ["The man is very happy.", "He smiles broadly."]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_answer_can_be_parsed(answer: str) -> None:
    for text in parse(answer):
        assert text.endswith((".", "!", "?"))
        assert "\n" not in text
        assert len(text.split()) >= 3


def test_rambling_and_headings_are_dropped() -> None:
    assert parse("word " * (MAX_WORDS + 1)) == []
    assert parse("Here are five sentences:\n42 is the answer here.") == []
