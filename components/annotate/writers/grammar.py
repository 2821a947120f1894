"""Sentences from a hand-written grammar: offline, seeded, varied. The authors' first annotator was one, too."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from components.annotate.brief import Brief
from components.annotate.contradictions import contradictions
from components.annotate.unit_phrases import is_plural, phrases_of
from components.annotate.vocabulary import DEGREES, NOUN_DEGREES, SYNONYMS, with_article

Option = TypeVar("Option")

MAX_UNITS = 3  # remarks in one sentence
ATTEMPTS = 20  # tries for each sentence asked for

# {S} subject, {s} the same inside a sentence, {p} pronoun, {h} possessive, {adj}, {noun}, {adv}; {units} is a list of
# remarks, {show} and {give} agree with it, {U} starts a sentence with it.
_WITH_UNITS = (
    "{S} is {adj} and communicates through {units} while speaking.",
    "{S} looks {adj}, with {units}.",
    "With {units}, {s} speaks and seems {adj}.",
    "{S} speaks with {noun}, and it shows in {units}.",
    "{U} {show} that {s} is {adj}.",
    "{U} {give} away that {s} feels {adj} while talking.",
    "There is {noun} in {h} face: {units}.",
    "{S} talks {adv}, {h} face marked by {units}.",
    "Feeling {adj}, {s} speaks with {units}.",
    "{S} appears {adj} while talking; one sees {units}.",
    "{S} is talking and looks {adj}: {units}.",
    "As {s} speaks, {units} {tell} of {noun}.",
    "{S} is speaking {adv}, with {units}.",
    "One notices {units} as {s}, {adj}, goes on talking.",
    "{S} says something in {a_adj} way, with {units}.",
)
_WITHOUT_UNITS = (
    "{S} is {adj} while speaking.",
    "{S} speaks with {noun}.",
    "{S} talks {adv}.",
    "{S} looks and sounds {adj}.",
    "In {a_adj} voice, {s} goes on talking.",
    "{S} seems {adj} while saying this.",
    "There is {noun} in {h} face and voice.",
    "{S} says something in {a_adj} way.",
)
_STILL = ("a relaxed face", "a still face", "an even look", "a composed face", "hardly a movement beyond the lips")
_PEOPLE: dict[str, tuple[tuple[str, str], ...]] = {
    "man": (("The man", "his"), ("He", "his"), ("The speaker", "his"), ("The person", "his")),
    "woman": (("The woman", "her"), ("She", "her"), ("The speaker", "her"), ("The person", "her")),
    "person": (("The person", "their"), ("The speaker", "their"), ("Someone", "their")),
}


class GrammarWriter:
    """Draws wordings, order and remarks at random from a seed."""

    name = "grammar"

    def write(self, brief: Brief, count: int, seed: int) -> list[str]:
        """`count` distinct sentences without contradictions (fewer only if the grammar runs dry)."""
        rng = np.random.default_rng([seed, zlib.crc32(brief.clip_id.encode())])
        sentences: dict[str, None] = {}
        for _ in range(count * ATTEMPTS):
            if len(sentences) == count:
                break
            sentence = _sentence(brief, rng)
            if not contradictions(sentence, brief.emotion, brief.units):
                sentences[sentence] = None
        return list(sentences)


def _sentence(brief: Brief, rng: np.random.Generator) -> str:
    words = SYNONYMS[brief.emotion]
    graded = {1: words.weak, 2: (), 3: words.strong}[brief.intensity]
    plain = [*words.plain] if brief.emotion != "neutral" else [w for w in words.plain if w != "even"]
    if graded and rng.random() < 0.35:
        adjective = _pick(rng, graded)
    else:
        degrees = DEGREES[brief.intensity] if brief.emotion != "neutral" else ("", "quite", "rather")
        adjective = " ".join(filter(None, (_pick(rng, degrees), _pick(rng, plain))))
    noun = _pick(rng, NOUN_DEGREES[brief.intensity if brief.emotion != "neutral" else 2])
    subject, possessive = _pick(rng, _PEOPLE[brief.person])
    remarks = _remarks(brief, rng)
    units = _listed(remarks)
    several = len(remarks) > 1 or (bool(remarks) and is_plural(remarks[0]))
    template = _pick(rng, _WITH_UNITS if remarks else _WITHOUT_UNITS)
    bare = adjective.removeprefix("a little ").removeprefix("a bit ") if adjective.startswith("a ") else adjective
    sentence = template.format(
        S=subject,
        s=subject[0].lower() + subject[1:],
        h=possessive,
        adj=adjective,
        a_adj=with_article("a {}", bare),
        noun=noun.format(_pick(rng, words.nouns)),
        adv=_pick(rng, words.adverbs),
        units=units,
        U=units[:1].upper() + units[1:],
        show="show" if several else "shows",
        give="give" if several else "gives",
        tell="tell" if several else "tells",
    )
    return sentence[0].upper() + sentence[1:]


def _remarks(brief: Brief, rng: np.random.Generator) -> list[str]:
    """Up to `MAX_UNITS` noun phrases, the stronger units more often."""
    units = [(name, unit) for name, unit in brief.units.items() if phrases_of(name, unit)]
    if not units:
        return [_pick(rng, _STILL)] if brief.emotion == "neutral" and rng.random() < 0.7 else []
    strength = np.array([unit.intensity for _, unit in units])
    number = min(len(units), int(rng.integers(1, MAX_UNITS + 1)))
    drawn = rng.choice(len(units), number, replace=False, p=strength / strength.sum())
    return [_pick(rng, phrases_of(*units[i])) for i in sorted(drawn)]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _pick(rng: np.random.Generator, options: Sequence[Option]) -> Option:
    return options[int(rng.integers(len(options)))]
