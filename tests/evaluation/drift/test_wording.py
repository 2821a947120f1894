"""Changes in words: which way a mean went, how a range changed, and in which unit."""

from __future__ import annotations

import pytest

from components.common.arkit import COEFFICIENT_NAMES
from evaluation.drift.wording import TERMS, group, say, say_shares, term


def test_a_change_of_range_is_said_as_such() -> None:
    words = say("motion/jawOpen", 0.3, 0.31, (0.25, 0.35), (0.0, 0.9))
    assert words == "jawOpen varies more: 0.00 to 0.90 (training: 0.25 to 0.35)"


@pytest.mark.parametrize(
    ("name", "before", "now", "words"),
    [
        ("sound/pitch", 0.0, 12.0, "voices are higher: 200 Hz (training: 100 Hz)"),
        ("sound/level", -20.0, -35.2, "speech is quieter: -35 dB (training: -20 dB)"),
        ("motion/yaw", 0.0, 0.5236, "heads turn to image right: 30° (training: 0°)"),
        ("clip/missing_face", 0.0, 0.25, "the face is lost more often: 25% (training: 0%)"),
        ("motion/mouthPucker", 0.5, 0.25, "mouthPucker is lower: 0.25 (training: 0.50)"),
    ],
)
def test_a_shift_is_said_with_its_unit(name: str, before: float, now: float, words: str) -> None:
    assert say(name, before, now, (before, before), (now, now)) == words


def test_every_figure_has_a_term_and_a_group() -> None:
    names = [*TERMS, *(f"motion/{name}" for name in COEFFICIENT_NAMES)]
    assert all(term(name).title for name in names)
    assert {group(name) for name in names} == {*("Head pose", "Facial motion", "Sound", "Picture", "Clips", "Emotions")}


def test_the_most_changed_shares_are_named_first() -> None:
    words = say_shares("emotion", {"sad": 0.5, "happy": 0.4, "fear": 0.1}, {"happy": 0.35, "angry": 0.65})
    assert words == (
        "other shares of emotions: angry 65% (training: 0%), sad 0% (training: 50%), fear 0% (training: 10%)"
    )
    assert say_shares("intensity", {"1": 1.0}, {"1": 1.0}).startswith("other shares of intensity")
