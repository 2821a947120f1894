"""What the synthetic people say, and in which voices: hand-written sentences, a small grammar, prosody per emotion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TRAIN_SENTENCES: tuple[str, ...] = (
    "The big blue boat moved past the old bridge before noon.",
    "My mother bought five fresh peaches from the farm shop.",
    "We should always wash the cups with warm water.",
    "Why would you leave your coat out in the rain?",
    "Please show me the photo you took of the puppy.",
    "Both of them laughed about the very funny movie.",
    "I saw three white sheep jump over the fence today.",
    "Nobody knew where the music was coming from.",
    "They hope to open a small cafe by the beach.",
    "She wrote a long poem about the purple moon.",
    "Bob and Amy opened the window to let in the breeze.",
    "A brown fox jumped from the top of the wall.",
    "Father may buy us another boat in the summer.",
    "Could you bring me a map of the whole village?",
    "We waited for an hour, but nobody came home.",
    "The chef chopped fresh herbs for the soup.",
    "I used to play the violin in a huge hall.",
    "Yes, of course you may have more of these.",
    "He thought about his youth and smiled.",
    "Put the apples in the paper bag by the door.",
    "You never told me what happened to your brother.",
    "Each of us chose a yellow flower from the shop.",
    "The judge asked for a short pause at eleven.",
    "Look at that enormous bird above the barn!",
    "It would be better to move on and forget it.",
    "Maybe we could meet at the museum at four.",
    "The baby pulled a fluffy pillow off the bed.",
    "Every morning they walk along the muddy path.",
    "What an awful way to finish such a good game.",
    "My favorite food is rice with mushrooms and beef.",
    "The phone rang twice, then everything was quiet.",
    "Our teacher found a pair of boots in the river.",
    "Do you really believe that he owns a palace?",
    "George poured hot milk over the oats.",
    "A few people were already up before breakfast.",
    "He put both hands on the rough wooden table.",
    "Oh no, I forgot to pay the electric bill again.",
    "The storm blew over, and the village slept.",
    "Pam has a problem with her computer mouse.",
    "We are all aware of how much you gave up.",
)
TEST_SENTENCES: tuple[str, ...] = (
    "The farmer brought a bowl of sweet plums for us.",
    "I have no idea who ate the last piece of pie.",
    "Have you ever been up in a hot air balloon?",
    "Most of the shoes in that box belong to me.",
    "When the train stopped, a man in a wool hat got off.",
    "Hurry up, the show is about to begin!",
    "It was pure luck that we found your purse.",
    "Someone should warn them about the broken step.",
    "Above the chimney a thin plume of smoke rose.",
    "My uncle used to be a famous opera singer.",
    "Is there a bus from here to the far shore?",
    "Paul gave his watch to a boy from the market.",
)

# espeak-ng voices by the sex they sound like. The last three of each kind are kept for unseen speakers.
FEMALE_VOICES: tuple[str, ...] = (
    "en-us+f2", "en-us+f3", "en-us+f4", "en-us+Annie", "en-gb-x-rp+f5", "en-us+linda", "en-gb-scotland+f2", "en-us+f1",
    "en-gb-x-rp+f3", "en-gb-scotland+f4", "en-us+f5",
)  # fmt: skip
MALE_VOICES: tuple[str, ...] = (
    "en-us+m3", "en-us", "en-us+m7", "en-gb-scotland+m1", "en-us+Mike", "en-us+edward", "en-gb-x-rp+m2", "en-us+m8",
    "en-gb-x-rp+m4", "en-gb-scotland+m5", "en-us+m6",
)  # fmt: skip
HELD_OUT_VOICES = 3
VOICES: dict[str, tuple[str, ...]] = {"W": FEMALE_VOICES, "M": MALE_VOICES}
TRAIN_VOICES: tuple[str, ...] = FEMALE_VOICES[:-HELD_OUT_VOICES] + MALE_VOICES[:-HELD_OUT_VOICES]
TEST_VOICES: tuple[str, ...] = FEMALE_VOICES[-HELD_OUT_VOICES:] + MALE_VOICES[-HELD_OUT_VOICES:]

# Strength of an emotion at MEAD's levels 1, 2, 3, for the voice and for the face.
LEVELS: tuple[float, float, float] = (0.45, 0.72, 1.0)


@dataclass(frozen=True)
class Prosody:
    """espeak-ng's voice parameters: words a minute, pitch and pitch range (0-100), volume (100 = normal)."""

    rate: float
    pitch: float
    range: float
    volume: float

    def toward(self, other: Prosody, amount: float) -> Prosody:
        """Linear blend: 0 gives `self`, 1 gives `other`."""
        return Prosody(
            self.rate + amount * (other.rate - self.rate),
            self.pitch + amount * (other.pitch - self.pitch),
            self.range + amount * (other.range - self.range),
            self.volume + amount * (other.volume - self.volume),
        )


PROSODY: dict[str, Prosody] = {
    "neutral": Prosody(165, 50, 45, 100),
    "happy": Prosody(182, 64, 80, 105),
    "sad": Prosody(132, 38, 22, 75),
    "angry": Prosody(190, 52, 75, 130),
    "fear": Prosody(200, 70, 55, 85),
    "surprised": Prosody(172, 72, 95, 110),
    "disgusted": Prosody(142, 40, 60, 95),
    "contempt": Prosody(148, 42, 35, 90),
}


def prosody(emotion: str, intensity: int) -> Prosody:
    """The voice of an emotion at intensity 1-3."""
    return PROSODY["neutral"].toward(PROSODY[emotion], LEVELS[intensity - 1])


_ADJECTIVES = (
    "big", "small", "purple", "old", "brave", "warm", "cheap", "awful", "happy", "blue", "rough", "huge", "soft",
    "empty", "modern", "yellow", "pretty", "famous", "funny", "polite", "broken", "fluffy", "wooden", "foreign", "shy",
    "public", "simple", "open", "early", "obvious",
)  # fmt: skip
_NOUNS = (
    "mother", "boat", "window", "village", "puppy", "bishop", "market", "farmer", "pillow", "ocean", "chef", "piano",
    "mushroom", "family", "bridge", "woman", "judge", "coffee", "thief", "palace", "robot", "camel", "wife", "sugar",
    "video", "shoulder", "bamboo", "moon", "waiter", "cup", "fish", "bird", "poem", "tower", "peach", "jacket",
    "office", "garden", "boy", "mouse",
)  # fmt: skip
_VERBS = (
    "moved", "found", "bought", "forgot", "opened", "pushed", "saw", "loved", "showed", "carried", "wanted", "watched",
    "chose", "brought", "asked", "pulled", "followed", "left", "kept", "washed", "borrowed", "measured", "poured",
    "joined", "avoided", "threw", "gave",
)  # fmt: skip
_ADVERBS = (
    "slowly", "before noon", "above all", "by the way", "for weeks", "perhaps", "at home", "every morning", "of course",
    "without fear", "in public", "once more", "too often",
)  # fmt: skip
_PREPOSITIONS = (
    "by", "under", "above", "from", "with", "near", "before", "beyond", "behind", "past", "over", "through", "without",
)  # fmt: skip
_COUNTS = ("five", "two", "four", "many", "some", "both")
_INFINITIVES = ("move", "buy", "show", "choose", "push", "find")


def grammar_sentence(rng: np.random.Generator) -> str:
    """A sentence nobody wrote: grammatical, rarely sensible, rich in lip sounds."""

    def pick(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    adjective, noun, verb, adverb = _ADJECTIVES, _NOUNS, _VERBS, _ADVERBS
    kind = int(rng.integers(6))
    if kind == 0:
        return (
            f"The {pick(adjective)} {pick(noun)} {pick(verb)} my {pick(noun)} {pick(_PREPOSITIONS)} "
            f"the {pick(adjective)} {pick(noun)}."
        )
    if kind == 1:
        return f"{pick(adverb).capitalize()}, we {pick(verb)} a {pick(noun)} {pick(_PREPOSITIONS)} the {pick(noun)}."
    if kind == 2:
        return f"Why would the {pick(noun)} be so {pick(adjective)}? He {pick(verb)} a {pick(noun)}."
    if kind == 3:
        return f"You {pick(verb)} {pick(_COUNTS)} {pick(adjective)} ones, but I {pick(verb)} the {pick(noun)}."
    if kind == 4:
        return f"Is this your {pick(adjective)} {pick(noun)}, or did they {pick(_INFINITIVES)} it?"
    return f"Oh, {pick(noun)} and {pick(noun)} are {pick(adjective)}, {pick(adverb)}."
