"""An emotion text as the text encoder can read it, or a refusal: the encoder turns whatever it is given into a motion.

It reads English. Words of `emotion_words` are put into English, misspelled emotion words are mended. What is left must
be mostly words that the encoder knows; letters of other scripts, and letters that make no words, are refused.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from functools import lru_cache

from components.annotate.vocabulary import SYNONYMS
from components.annotate.wordings import wordings
from components.common.artifacts import EMOTIONS
from components.common.errors import UserError
from components.common.minilm import packaged_weights
from components.talker.emotion_words import RARE, english_words, fillers

LONGEST_TEXT = 1000  # characters
KNOWN = 0.4  # share of the letters that must belong to known words
SHORTEST = 3  # letters of a word that says anything by itself
INTERJECTIONS = {"oh", "ew"}  # shorter, and yet they do
ALIKE = 0.82  # of two words (difflib's ratio), from which on one is taken for a misspelling of the other
ENDINGS = ("ous", "ful", "less", "ness", "ing", "ed", "ly", "ish", "ive", "able", "ible", "en", "ment", "tion", "some")
INFLECTIONS = ("ly", "s", "es", "ed", "ing")
NEGATIONS = "no ne pas não nao nunca nicht kein keine tidak bukan ohne sin sans sem non nie"
# Scripts that write words without spaces between them, and emoji.
UNSPACED = re.compile("[\u2600-\u27bf\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\U0001f000-\U0001faff]")
# What a word that is written with spaces goes on with.
INSIDE = r"[^\s.,;:!?\"'()\u2026\u060c\u06d4\u0964\u3001\u3002\U0001f000-\U0001faff-]"
WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
INVISIBLE = dict.fromkeys([0xFE0F, 0xFE0E, 0x200D, *range(0x1F3FB, 0x1F400)])  # variants and skin tones of emoji


def readable(emotion: str) -> str:
    """The text in one line of English; empty means neutral. English that can be read comes back as it is.

    Raises:
        UserError: too long, or nothing that the encoder could read.
    """
    text = " ".join(emotion.split())
    if len(text) > LONGEST_TEXT:
        raise UserError(f"the emotion text has {len(text)} characters; at most {LONGEST_TEXT} are read")
    if not text:
        return "neutral"
    translated = _translated(text)
    english = _mended(translated)
    words = WORD.findall(english)
    foreign = [word for word in words if not _latin(word)]
    letters = sum(map(len, words))
    known = [word for word in words if _known(word)]
    if translated != text and set(NEGATIONS.split()) & {word.lower() for word in words}:
        foreign = words  # "not happy", half in another language: neither the table nor the encoder reads that
    share = sum(map(len, known)) / max(1, letters)
    says = max(map(len, known), default=0) >= SHORTEST or bool(INTERJECTIONS & {word.lower() for word in known})
    if foreign or share < KNOWN or not says:
        raise UserError(
            f'the emotion {text[:60]!r} cannot be read; describe it in English ("a little sad"), or give one word for '
            "it in Chinese, Hindi, Spanish, French, Arabic, Bengali, Portuguese, Russian, Urdu, Indonesian, German or "
            "Japanese, or an emoji"
        )
    return english


def _translated(text: str) -> str:
    """Foreign emotion words and emoji in English; the text itself where there are none."""
    english, found = unicodedata.normalize("NFC", text.translate(INVISIBLE)), 0
    for pattern in _patterns(frozenset(english_words())):
        english, count = pattern.subn(_english, english)
        found += count
    if not found:
        return text
    for pattern in _patterns(fillers()):
        english = pattern.sub(" ", english)
    # Other symbols, such as emoji that show no feeling, would be unknown to the encoder.
    kept = (" " if not c.isascii() and unicodedata.category(c)[0] in "SP" else c for c in english)
    return " ".join("".join(kept).split())


def _english(match: re.Match[str]) -> str:
    return f" {english_words()[match[0].casefold()]} "


@lru_cache(maxsize=4)
def _patterns(chosen: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """One for words that stand between spaces, one for scripts without spaces and for emoji. Longer words first."""
    words = sorted(chosen, key=lambda word: (-len(word), word))
    spaced = "|".join(re.escape(word) for word in words if not UNSPACED.search(word))
    unspaced = "|".join(re.escape(word) for word in words if UNSPACED.search(word))
    return re.compile(f"(?<!{INSIDE})(?:{spaced})(?!{INSIDE})", re.IGNORECASE), re.compile(unspaced)


def _mended(text: str) -> str:
    """Misspelled emotion words set right."""

    def mend(match: re.Match[str]) -> str:
        word = match[0].lower()
        if len(word) <= SHORTEST or not _latin(word) or _inflected(word) & (_vocabulary() | _emotion_words()):
            return match[0]
        # "unafraid" is no misspelling of "afraid": the first letter stays.
        # And only common words are meant: "sneaky" is no misspelling of "snarky".
        alike = sorted(known for known in _common_words() if known[0] == word[0] and len(known) > SHORTEST)
        return next(iter(difflib.get_close_matches(word, alike, 1, ALIKE)), match[0])

    return WORD.sub(mend, text)


def _latin(word: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in word if letter.isalpha())


def _inflected(word: str) -> set[str]:
    """The word, and those that it may be a form of: "merrily" of "merry", "dismisses" of "dismiss"."""
    stems = {word.removesuffix(ending) for ending in INFLECTIONS if word.endswith(ending)}
    return {word} | stems | {stem[:-1] + "y" for stem in stems if stem.endswith("i")}


def _known(word: str) -> bool:
    """Whether the encoder knows a word: whole, as two words in one, by an English ending, or part by part."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
    parts = re.split("['\u2019-]", plain)
    if len(parts) > 1 and plain not in _emotion_words():
        return all(_known(part) for part in parts if len(part) > 1 and part not in ENDINGS)
    vocabulary = _vocabulary()
    if len(set(plain)) == 1 and len(plain) > 1:  # a key held down
        return False
    stem = plain.removeprefix("un") if len(plain) > 2 * SHORTEST else plain
    if {plain, stem, plain.removesuffix("s")} & (vocabulary | _emotion_words()):
        return True
    if len(plain) > 2 * SHORTEST - 1 and any(
        plain[:i] in vocabulary and plain[i:] in vocabulary for i in range(SHORTEST, len(plain) - SHORTEST + 1)
    ):
        return True
    return len(plain) > 5 and plain.endswith(ENDINGS) and bool(re.search("[aeiouy]", plain[:-3]))


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    """English words for the project's emotions."""
    groups = (group for s in SYNONYMS.values() for group in (s.plain, s.weak, s.strong, s.nouns, s.adverbs))
    return frozenset(word for group in groups for text in group for word in WORD.findall(text.lower()))


@lru_cache(maxsize=1)
def _emotion_words() -> frozenset[str]:
    """These, rarer ones that the encoder knows by their parts, and those of the everyday wordings."""
    everyday = (text for emotion in EMOTIONS for texts in wordings(emotion).values() for text in texts)
    return _common_words() | RARE | {word for text in everyday for word in WORD.findall(text.lower())}


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Whole words of the text encoder's vocabulary."""
    tokens = json.loads((packaged_weights() / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return frozenset(token for token in tokens if token.isalpha() and token.isascii())
