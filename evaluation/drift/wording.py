"""A change of footage in words: what it is called, in which unit, and how it went."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components.common.arkit import POSE_NAMES

MOST_WORDS = 3  # labels named in a sentence


@dataclass(frozen=True)
class Term:
    """How a figure is spoken of. more, less: what a higher or lower mean is called. show: the value with its unit."""

    title: str
    more: str
    less: str
    show: Callable[[float], str]


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _hertz(semitones: float) -> str:
    return f"{100 * 2 ** (semitones / 12):.0f} Hz"


def _unit(unit: str, digits: int = 0) -> Callable[[float], str]:
    return lambda value: f"{value:.{digits}f} {unit}"


def _degrees(radians: float) -> str:
    return f"{math.degrees(radians):.0f}°"


def _percent(share: float) -> str:
    return f"{share:.0%}"


TERMS: dict[str, Term] = {
    "sound/level": Term("Loudness", "speech is louder", "speech is quieter", _unit("dB")),
    "sound/speech_above_noise": Term(
        "Speech above the background", "the background is quieter", "the background is noisier", _unit("dB")
    ),
    "sound/pitch": Term("Pitch of the voices", "voices are higher", "voices are lower", _hertz),
    "sound/pitch_range": Term(
        "Range of the pitch", "voices are livelier", "voices are more monotonous", _unit("semitones", 1)
    ),
    "sound/pace": Term("Pace of the speech", "speech is faster", "speech is slower", _unit("onsets/s", 1)),
    "sound/bandwidth": Term(
        "Highest frequency heard", "sound reaches higher", "high frequencies are missing", _unit("Hz")
    ),
    "picture/brightness": Term("Brightness", "pictures are brighter", "pictures are darker", _unit("of 255")),
    "picture/contrast": Term("Contrast", "contrast is stronger", "contrast is weaker", _plain),
    "picture/color": Term("Colorfulness", "colors are stronger", "colors are paler", _plain),
    "picture/sharpness": Term("Sharpness", "pictures are sharper", "pictures are softer", _plain),
    "clip/seconds": Term("Length of the clips", "clips are longer", "clips are shorter", _unit("s", 1)),
    "clip/missing_face": Term(
        "Frames without a face", "the face is lost more often", "the face is lost less often", _percent
    ),
    "motion/yaw": Term("Head turned sideways", "heads turn to image right", "heads turn to image left", _degrees),
    "motion/pitch": Term("Head tilted down", "heads look down", "heads look up", _degrees),
    "motion/roll": Term("Head tilted to a side", "heads lean to image left", "heads lean to image right", _degrees),
    "motion/scale": Term("Size of the face in the crop", "faces are larger", "faces are smaller", _plain),
    "motion/tx": Term("Face's place, sideways", "faces sit further right", "faces sit further left", _plain),
    "motion/ty": Term("Face's place, up and down", "faces sit lower", "faces sit higher", _plain),
    "share/emotion": Term("Emotions", "", "", _percent),
    "share/intensity": Term("Strength of the emotions", "", "", _percent),
}


def term(name: str) -> Term:
    """The term of a figure; a blendshape weight speaks by its ARKit name."""
    if name in TERMS:
        return TERMS[name]
    weight = name.split("/")[1]
    return Term(weight, f"{weight} is higher", f"{weight} is lower", _plain)


def group(name: str) -> str:
    """The part of the footage that a figure belongs to."""
    kind, what = name.split("/")
    if kind == "motion":
        return "Head pose" if what in POSE_NAMES else "Facial motion"
    return {"sound": "Sound", "picture": "Picture", "clip": "Clips", "share": "Emotions"}[kind]


def say(name: str, before: float, now: float, old: tuple[float, float], new: tuple[float, float]) -> str:
    """One change in words: a shift of the mean or, where the mean stays, of the range.

    before, now: means; old, new: the ranges (5 to 95 %) that belong to them.
    """
    wording = term(name)
    growth = (new[1] - new[0]) - (old[1] - old[0])
    if abs(now - before) >= 0.5 * abs(growth):
        word = wording.more if now > before else wording.less
        return f"{word}: {wording.show(now)} (training: {wording.show(before)})"
    ranges = [f"{wording.show(low)} to {wording.show(high)}" for low, high in (new, old)]
    title = wording.title.lower() if wording.title[0].isupper() else wording.title
    return f"{title} varies {'more' if growth > 0 else 'less'}: {ranges[0]} (training: {ranges[1]})"


def say_shares(label: str, before: Mapping[str, float], now: Mapping[str, float]) -> str:
    """The labels whose shares have changed most."""
    changed = sorted({*before, *now}, key=lambda word: (-abs(now.get(word, 0) - before.get(word, 0)), word))
    parts = [f"{word} {now.get(word, 0):.0%} (training: {before.get(word, 0):.0%})" for word in changed[:MOST_WORDS]]
    return f"other shares of {'emotions' if label == 'emotion' else label}: {', '.join(parts)}"
