"""What a language model is asked, and how its answer becomes sentences."""

from __future__ import annotations

import re

from components.annotate.brief import Brief
from components.annotate.unit_phrases import phrases_of
from components.annotate.vocabulary import DEGREES, SYNONYMS

MAX_WORDS = 40
MIN_WORDS = 3
_BULLET = re.compile(r"^\s*(?:[-*•]|\(?\d+[.):])\s*")
SYSTEM = (
    "You describe how people in silent video clips feel and how their faces show it. You write plain English "
    "sentences, one per line, without numbering, without quotation marks and without any other text."
)


def ask(brief: Brief, count: int) -> str:
    """The request for `count` sentences about a clip."""
    words = SYNONYMS[brief.emotion]
    degree = DEGREES[brief.intensity][0] or "clearly"
    remarks = [phrases_of(name, unit)[0] for name, unit in brief.units.items() if phrases_of(name, unit)]
    visible = ", ".join(remarks) if remarks else "no remarkable movement"
    return (
        f"The {brief.person} speaks and is {degree} {brief.emotion} ({', '.join(words.plain[:4])}). "
        f"Visible in the face: {visible}. "
        f"Write {count} different sentences of 5 to 25 words that describe this emotion, its strength and these facial "
        "movements. Mention no other facial movement and no other emotion."
    )


def parse(answer: str) -> list[str]:
    """The sentences of a model's answer, in order: one a line, bullets and quotes removed, oddities dropped."""
    sentences: dict[str, None] = {}
    for line in answer.splitlines():
        text = " ".join(_BULLET.sub("", line).strip().strip("\"“”'").split())
        if MIN_WORDS <= len(text.split()) <= MAX_WORDS and text[0].isalpha() and not text.endswith(":"):
            text = text[0].upper() + text[1:]
            sentences[text if text[-1] in ".!?" else text + "."] = None
    return list(sentences)
