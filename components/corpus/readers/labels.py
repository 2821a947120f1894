"""Emotion labels as people write them, to MEAD's eight names and three levels."""

from __future__ import annotations

from components.common.artifacts import EMOTIONS

INTENSITIES = (1, 2, 3)
ALIASES = {
    "neutral": ("none", "calm"),
    "happy": ("happiness", "joy", "joyful", "smile"),
    "sad": ("sadness",),
    "angry": ("anger",),
    "fear": ("fearful", "scared", "afraid"),
    "surprised": ("surprise",),
    "disgusted": ("disgust",),
    "contempt": ("contemptuous",),
}
_NAMES = {alias: name for name, aliases in ALIASES.items() for alias in (name, *aliases)}


class LabelError(ValueError):
    """A label that means none of the emotions or levels; its text is the reason in words."""


def emotion_name(label: str) -> str:
    """One of `EMOTIONS`; "" stays "" (unlabeled). Case and spaces do not matter.

    Raises:
        LabelError: any other word.
    """
    word = label.strip().lower()
    if not word:
        return ""
    if word not in _NAMES:
        raise LabelError(f"the emotion {label.strip()[:40]!r} is none of {', '.join(EMOTIONS)}")
    return _NAMES[word]


def intensity_level(label: str) -> int:
    """1-3; "" is 0 (unlabeled). Accepts ``2``, ``2.0`` and ``level_2``.

    Raises:
        LabelError: anything else.
    """
    word = label.strip().lower().removeprefix("level_")
    if not word:
        return 0
    try:
        level = float(word)
    except ValueError:
        level = 0.0
    if level not in INTENSITIES:
        raise LabelError(f"the intensity {label.strip()[:40]!r} is none of 1, 2, 3")
    return int(level)
