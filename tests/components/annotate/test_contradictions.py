from __future__ import annotations

import pytest

from components.annotate.contradictions import contradictions


@pytest.mark.parametrize(
    ("sentence", "emotion", "units"),
    [
        ("The man smiles while he shouts.", "angry", {"AU4"}),
        ("She is angry, with a broad smile.", "angry", {"AU4"}),
        ("He looks happy and his brows are furrowed, lowered brows.", "happy", {"AU12"}),
        ("The woman looks sad.", "happy", {"AU12"}),
        ("He speaks joyfully.", "sad", {"AU15"}),
        ("He is not happy at all.", "happy", {"AU12"}),
        ("She is joyful, without a smile.", "happy", {"AU12"}),
        ("He is disgusted; his eyes are wide with fear.", "disgusted", {"AU9"}),
        ("With a dropped jaw, he is sad.", "sad", {"AU1"}),
        ("She sneers.", "happy", set()),
        ("She is afraid and her nose is wrinkled.", "fear", {"AU5"}),
    ],
)
def test_untrue_sentences_are_caught(sentence: str, emotion: str, units: set[str]) -> None:
    assert contradictions(sentence, emotion, units)


@pytest.mark.parametrize(
    ("sentence", "emotion", "units"),
    [
        ("The man smiles while he shouts.", "angry", {"AU4", "AU12"}),
        ("She is very happy, with a broad smile.", "happy", set()),  # the emotion's own prototype
        ("He is angry, without a smile.", "angry", {"AU4"}),
        ("The man is horrified and communicates through a brow raise and widened eyes.", "fear", {"AU1", "AU5"}),
        ("There is plain sorrow in her face: downturned lip corners.", "sad", {"AU15"}),
        ("The speaker is calm.", "neutral", set()),
        ("He is sad, not happy.", "sad", set()),
        ("She wrinkles up her face in disgust.", "disgusted", set()),
        ("THE MAN IS FURIOUS.", "angry", set()),
    ],
)
def test_true_sentences_pass(sentence: str, emotion: str, units: set[str]) -> None:
    assert contradictions(sentence, emotion, units) == []


def test_reasons_name_the_word_and_the_unit() -> None:
    (reason,) = contradictions("He grins.", "angry", {"AU4"})
    assert "grins" in reason
    assert "AU12" in reason
