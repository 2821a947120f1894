"""Does a sentence say something about a clip that is not so? Checked before any sentence is kept, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from components.annotate.emfacs import EMFACS
from components.annotate.vocabulary import SYNONYMS
from components.common.artifacts import EMOTIONS

# What a sentence may remark on -> the units of which one must then be active.
_REMARKS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (pattern, frozenset(units.split()))
    for pattern, units in (
        (r"smil\w*|grin\w*|beam(?:s|ed|ing)?\b|laugh\w*|lip corners? pulled up", "AU12"),
        (r"frown\w*", "AU4 AU15"),
        (r"scowl\w*|furrow\w*|knit(?:ted)? (?:eye)?brows?|lowered (?:eye)?brows?", "AU4"),
        (r"(?:raised|lifted|arched)(?: \w+)? (?:eye)?brows?", "AU1 AU2"),
        (r"(?:eye)?brows? (?:\w+ )?(?:raise|raised|lifted)", "AU1 AU2"),
        (r"wide(?:ned|-open)? eyes|wide-eyed|eyes (?:\w+ )?(?:wide|widen\w*)", "AU5"),
        (r"narrow(?:ed|s|ing)? (?:his |her |their )?eyes|squint\w*", "AU6 AU7"),
        (r"(?:droop\w*|lowered|heavy) (?:eye)?lids|half-closed eyes|closed eyes", "AU43"),
        (r"(?:raised|lifted) cheeks?|cheeks? (?:raise|raised|pushed up)", "AU6 AU12"),
        (r"wrinkl\w* (?:of |the |his |her |their )*nose|nose (?:is )?wrinkl\w*", "AU9"),
        (r"sneer\w*|curled lips?", "AU9 AU10 AU14"),
        (r"raised upper lip|upper lip (?:is )?(?:raised|curled|drawn upward)", "AU10"),
        (r"(?:downturned|lowered|sinking) (?:lip|mouth) corners", "AU15"),
        (r"corners of (?:the|his|her|their) (?:mouth|lips) down", "AU15"),
        (r"pout\w*|pucker\w* lips", "AU17 AU18"),
        (r"(?:pressed|tightened|clenched) lips|tight-lipped|lips pressed", "AU23 AU24 AU28"),
        (r"stretched (?:lips|mouth)|lips stretched", "AU20"),
        (r"dropped jaw|jaw drop\w*|open mouth|mouth (?:\w+ )?open|gap(?:es|ed|ing)\b", "AU25 AU26 AU27"),
        (r"jutting jaw|thrust jaw", "AU29"),
        (r"puff(?:ed|s|ing)? (?:out )?(?:his |her |their )?cheeks", "AU34"),
    )
)  # fmt: skip

_NEGATION = re.compile(
    r"\b(?:no|not|never|without|hardly|neither|nor|lacks|lacking|isn't|doesn't|don't)(?: [\w-]+){0,3} $"
)
# Words that describe an emotion in one sentence and something else in the next.
_AMBIGUOUS = frozenset(
    {
        *("plain", "even", "quiet", "mild", "calm", "composure", "reserved", "relaxed", "mad", "cross", "curious"),
        *("content", "satisfied", "put off", "alarmed", "averse", "unprepared", "unimpressed", "anxious", "nervous"),
        *("dismissive of others", "reluctant to touch it"),
    }
)


def contradictions(sentence: str, emotion: str, aus: Collection[str]) -> list[str]:
    """What `sentence` claims against a clip's emotion and its active action units ("AU12", ...); empty if all is well.

    It objects to words of another emotion, to a denial of the clip's own emotion, to remarks on units that are neither
    active nor part of the emotion's prototype, and to denials of active units.
    """
    text = sentence.lower().replace("’", "'")
    active = set(aus)
    # A clip may be described by its emotion's own units even where they are too weak to be measured.
    possible = active | set(EMFACS[emotion])
    return [*_against_emotion(text, emotion), *_against_units(text, active, possible)]


def _against_units(text: str, active: set[str], possible: set[str]) -> list[str]:
    objections = []
    for pattern, units in _REMARKS:
        for match in re.finditer(rf"\b(?:{pattern})", text):
            names = "/".join(sorted(units))
            if _negated(text, match.start()):
                if units <= active or (len(units) == 1 and units & active):
                    objections.append(f"denies '{match.group()}', but {names} is active")
            elif not units & possible:
                objections.append(f"says '{match.group()}', but {names} is not active")
    return objections


def _against_emotion(text: str, emotion: str) -> list[str]:
    objections = []
    for other in EMOTIONS:
        for match in _emotion_words(other).finditer(text):
            negated = _negated(text, match.start())
            if other == emotion and negated:
                objections.append(f"denies '{match.group()}', but the clip is {emotion}")
            elif other != emotion and not negated and not _emotion_words(emotion).fullmatch(match.group()):
                objections.append(f"says '{match.group()}', a word for {other}, but the clip is {emotion}")
    return objections


@cache
def _emotion_words(emotion: str) -> re.Pattern[str]:
    words = SYNONYMS[emotion]
    listed = {emotion, *words.plain, *words.weak, *words.strong, *words.nouns, *words.adverbs} - _AMBIGUOUS
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, listed), key=len, reverse=True))})\b")


def _negated(text: str, start: int) -> bool:
    """Whether a denial stands within three words before position `start`."""
    return _NEGATION.search(text[:start]) is not None
