"""Words for emotions: synonyms by strength, and ways to carry them. `wordings` has what no grammar makes."""

from __future__ import annotations

from dataclasses import dataclass

from components.common.artifacts import EMOTIONS
from components.common.errors import UserError

INTENSITIES = (1, 2, 3)
PHRASES = 96  # phrasings per emotion and intensity


@dataclass(frozen=True)
class Synonyms:
    """Words of one emotion. Adjectives of `plain` take any adverb of degree; `weak` and `strong` carry their own."""

    plain: tuple[str, ...]
    weak: tuple[str, ...]
    strong: tuple[str, ...]
    nouns: tuple[str, ...]
    adverbs: tuple[str, ...]


SYNONYMS: dict[str, Synonyms] = {
    "neutral": Synonyms(
        ("neutral", "calm", "relaxed", "composed", "even", "unemotional", "expressionless", "unruffled"),
        ("quiet", "reserved", "mild"),
        ("impassive", "emotionless", "unmoved"),
        ("calm", "composure", "neutrality"),
        ("calmly", "neutrally", "evenly"),
    ),
    "happy": Synonyms(
        ("happy", "joyful", "cheerful", "glad", "delighted", "pleased", "merry", "joyous"),
        ("content", "amused", "satisfied"),
        ("overjoyed", "ecstatic", "elated", "jubilant"),
        ("happiness", "joy", "delight"),
        ("happily", "cheerfully", "joyfully"),
    ),
    "sad": Synonyms(
        ("sad", "sorrowful", "unhappy", "gloomy", "miserable", "depressed", "melancholic", "downcast"),
        ("wistful", "subdued", "glum"),
        ("devastated", "grief-stricken", "despairing", "inconsolable"),
        ("sadness", "sorrow", "grief"),
        ("sadly", "sorrowfully", "mournfully"),
    ),
    "angry": Synonyms(
        ("angry", "mad", "hostile", "irritated", "indignant", "bad-tempered", "aggressive", "wrathful"),
        ("annoyed", "cross", "displeased"),
        ("furious", "enraged", "infuriated", "outraged"),
        ("anger", "rage", "irritation"),
        ("angrily", "crossly", "furiously"),
    ),
    "fear": Synonyms(
        ("afraid", "fearful", "scared", "frightened", "anxious", "alarmed", "nervous", "panicky"),
        ("uneasy", "worried", "apprehensive"),
        ("terrified", "horrified", "panic-stricken", "aghast"),
        ("fear", "fright", "anxiety"),
        ("fearfully", "anxiously", "nervously"),
    ),
    "surprised": Synonyms(
        ("surprised", "amazed", "astonished", "startled", "shocked", "astounded", "bewildered", "perplexed"),
        ("puzzled", "curious", "unprepared"),
        ("stunned", "flabbergasted", "thunderstruck", "dumbfounded"),
        ("surprise", "amazement", "astonishment"),
        ("in surprise", "in amazement", "with astonishment"),
    ),
    "disgusted": Synonyms(
        ("disgusted", "revolted", "repulsed", "grossed out", "sickened", "nauseated", "put off", "queasy"),
        ("squeamish", "averse", "reluctant to touch it"),
        ("appalled", "utterly revolted", "violently nauseated", "horribly sickened"),
        ("disgust", "revulsion", "nausea"),
        ("with disgust", "in revulsion", "queasily"),
    ),
    "contempt": Synonyms(
        ("contemptuous", "scornful", "disdainful", "smug", "sneering", "haughty", "mocking", "arrogant"),
        ("dismissive of others", "snooty", "unimpressed"),
        ("withering", "utterly scornful", "icily disdainful", "viciously mocking"),
        ("contempt", "scorn", "disdain"),
        ("contemptuously", "scornfully", "with disdain"),
    ),
}

DEGREES: dict[int, tuple[str, ...]] = {
    1: ("slightly", "a little", "a bit", "mildly", "faintly", "somewhat", "just barely"),
    2: ("", "quite", "rather", "fairly", "clearly", "visibly"),
    3: ("very", "extremely", "intensely", "really", "utterly", "incredibly", "completely"),
}
NOUN_DEGREES: dict[int, tuple[str, ...]] = {
    1: ("a hint of {}", "a trace of {}", "slight {}", "faint {}"),
    2: ("{}", "clear {}", "plain {}", "visible {}"),
    3: ("intense {}", "deep {}", "overwhelming {}", "extreme {}"),
}
CARRIERS: tuple[str, ...] = (
    "{}",
    "she looks {}",
    "he is {}",
    "someone who feels {}",
    "the person seems {}",
    "I am {}",
    "sounding {}",
    "a person who is {}",
    "emotion: {}",
    "she feels {}",
    "his face: {}",
    "looking {} while speaking",
    "they appear {}",
)
NOUN_CARRIERS: tuple[str, ...] = (
    "{}",
    "speaking with {}",
    "a face that shows {}",
    "{} in her voice",
    "{} on his face",
    "an expression of {}",
)


def emotion_phrases(emotion: str, intensity: int) -> list[str]:
    """Training phrasings of one emotion at intensity 1-3: at least 80, distinct, in a fixed order.

    Raises:
        UserError: unknown emotion or intensity.
    """
    _check(emotion, intensity)
    words = SYNONYMS[emotion]
    graded = {1: words.weak, 2: (), 3: words.strong}[intensity]
    adjectives = [
        *graded,
        *(" ".join(filter(None, (degree, adjective))) for degree in DEGREES[intensity] for adjective in words.plain),
    ]
    nouns = [form.format(noun) for form in NOUN_DEGREES[intensity] for noun in words.nouns]
    # Strides that share no factor with the lists' lengths walk all combinations evenly.
    phrases = dict.fromkeys(CARRIERS[i % len(CARRIERS)].format(adjectives[i % len(adjectives)]) for i in range(78))
    phrases |= dict.fromkeys(
        NOUN_CARRIERS[i % len(NOUN_CARRIERS)].format(nouns[(5 * i) % len(nouns)]) for i in range(12)
    )
    if intensity == 2:
        phrases |= dict.fromkeys(f"speaking {adverb}" for adverb in words.adverbs)
    phrases |= dict.fromkeys(_fill(words.plain, intensity, PHRASES - len(phrases)))
    return list(phrases)


def _fill(plain: tuple[str, ...], intensity: int, count: int) -> list[str]:
    degrees = [degree for degree in DEGREES[intensity] if not degree.startswith("a ")]
    shapes = ("a {} face", "a {} expression", "speaking in a {} way", "in a {} mood", "a {} tone of voice")
    filled = []
    for i in range(max(0, count)):
        word = " ".join(filter(None, (degrees[(i + i // len(plain)) % len(degrees)], plain[i % len(plain)])))
        filled.append(with_article(shapes[i % len(shapes)], word))
    return filled


def with_article(shape: str, word: str) -> str:
    """``"a {} face"`` with the article that the word wants."""
    article = "an" if word[:1].lower() in "aeiou" else "a"
    return shape.replace("a {}", f"{article} {word}", 1)


def _check(emotion: str, intensity: int) -> None:
    if emotion not in EMOTIONS:
        raise UserError(f"unknown emotion {emotion!r}; there are: {', '.join(EMOTIONS)}")
    if intensity not in INTENSITIES:
        raise UserError(f"intensity must be 1, 2 or 3, not {intensity}")
