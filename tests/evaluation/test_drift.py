"""New footage of the same kind is no drift, whoever is seen; of another kind it is, for the right reasons."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from components.common.errors import UserError
from evaluation.drift.comparison import compare, variation
from evaluation.drift.drift_page import write_drift
from evaluation.drift.figures import POINTS, Footage, measure_sound
from evaluation.drift.wording import say

EMOTIONS = ("happy", "sad", "angry", "fear")


def footage(seed: int, people: int = 8, clips: int = 6) -> Footage:
    """Clips of people who each have a face and a voice of their own."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), clips)
    count = len(who)

    def figure(mean: float, person: float, clip: float, points: int = 1) -> np.ndarray:
        level = mean + person * rng.normal(size=people)[who] + clip * rng.normal(size=count)
        return level[:, None] + (np.linspace(-0.1, 0.1, points) if points > 1 else 0.0)

    return Footage(
        {
            "motion/jawOpen": figure(0.3, 0.03, 0.05, POINTS),
            "motion/mouthSmileLeft": figure(0.2, 0.05, 0.05, POINTS),
            "motion/yaw": figure(0.0, 0.05, 0.05, POINTS),
            "sound/pitch": figure(6.0, 4.0, 1.0),
            "sound/level": figure(-25.0, 2.0, 1.0),
            "picture/brightness": figure(120.0, 10.0, 5.0),
            "clip/seconds": figure(3.0, 0.0, 0.1),
        },
        {"emotion": [EMOTIONS[i % 4] for i in range(count)], "intensity": [str(1 + i % 3) for i in range(count)]},
        [f"P{seed}-{i}" for i in who],
    )


def shifted(given: Footage, name: str, by: float) -> Footage:
    return replace(given, figures={**given.figures, name: given.figures[name] + by})


def test_other_people_of_the_same_kind_are_rarely_called_drift() -> None:
    pairs = [(footage(seed), footage(1000 + seed, people=1 + seed % 8)) for seed in range(24)]
    assert sum(compare(*pair, 60).drifted for pair in pairs) <= 3


@pytest.mark.parametrize(
    ("name", "by", "reason"),
    [
        ("sound/pitch", 24.0, "Sound: voices are higher: 5"),
        ("sound/level", -15.0, "Sound: speech is quieter: -4"),
        ("picture/brightness", -60.0, "Picture: pictures are darker: "),
        ("motion/jawOpen", 0.4, "Facial motion: jawOpen is higher: 0.7"),
        ("motion/yaw", 0.6, "Head pose: heads turn to image right: "),
        ("clip/seconds", 6.0, "Clips: clips are longer: 9.0 s (training: 3.0 s)"),
    ],
)
def test_another_kind_is_drift_for_that_reason_alone(name: str, by: float, reason: str) -> None:
    drift = compare(footage(0), shifted(footage(1, people=4), name, by))
    assert drift.drifted
    assert [change.name for change in drift.changes if change.drifted] == [name]
    assert drift.reasons[0].startswith(reason)
    assert drift.changes[0].name == name


def test_other_emotions_are_drift() -> None:
    new = footage(1, people=4)
    drift = compare(footage(0), replace(new, labels={**new.labels, "emotion": ["angry"] * len(new)}))
    assert [change.name for change in drift.changes if change.drifted] == ["share/emotion"]
    assert drift.reasons == ("Emotions: other shares of emotions: angry 100% (training: 25%), fear 0% (training: 25%), "
                             "happy 0% (training: 25%)",)  # fmt: skip


def test_footage_without_labels_is_not_drift_for_that() -> None:
    new = footage(1, people=4)
    blank = [""] * len(new)
    assert not compare(footage(0), replace(new, labels={"emotion": blank, "intensity": blank})).drifted


def test_unusable_inputs_are_drift() -> None:
    drift = compare(footage(0), replace(footage(1, people=4), quarantined=0.5))
    assert drift.reasons[0] == "Inputs: 50% cannot be used (training: 0%)"


def test_many_changes_of_one_part_are_summed_up() -> None:
    rng = np.random.default_rng(0)
    names = [f"motion/weight{i}" for i in range(6)]
    old, new = footage(0), footage(1, people=4)
    figures = {name: 0.3 + 0.05 * rng.normal(size=(len(old), POINTS)) for name in names}
    moved = {name: 0.8 + 0.05 * rng.normal(size=(len(new), POINTS)) for name in names}
    drift = compare(replace(old, figures=figures), replace(new, figures=moved))
    assert [reason.split(":")[0] for reason in drift.reasons] == ["Facial motion"] * 4
    assert drift.reasons[-1] == "Facial motion: 3 more figures"


def test_the_same_input_gives_the_same_verdict() -> None:
    pair = footage(0), footage(1)
    assert compare(*pair, 50).as_json() == compare(*pair, 50).as_json()


def test_too_few_clips_are_refused() -> None:
    with pytest.raises(UserError, match="new footage has 2 usable clips"):
        compare(footage(0), footage(1).take([0, 1]))


def test_total_variation() -> None:
    assert variation(["a", "b"], ["a", "b", "a", "b"]) == 0
    assert variation(["a"], ["b"]) == 1
    assert variation(["a", "a", "b", "b"], ["a", "b", "b", "b"]) == pytest.approx(0.25)
    assert variation(["", "a"], ["a"]) == 0


def test_a_change_of_range_is_said_as_such() -> None:
    words = say("motion/jawOpen", 0.3, 0.31, (0.25, 0.35), (0.0, 0.9))
    assert words == "jawOpen varies more: 0.00 to 0.90 (training: 0.25 to 0.35)"


def test_sound_figures_follow_the_sound() -> None:
    rng = np.random.default_rng(0)
    time = np.arange(32_000) / 16_000
    voice = (0.3 * np.sin(2 * np.pi * 150 * time) * (np.sin(2 * np.pi * 3 * time) > 0)).astype(np.float32)
    noise = 0.02 * rng.normal(size=len(voice)).astype(np.float32)
    clean, noisy, quiet = (measure_sound(sound) for sound in (voice, voice + noise, voice / 10))
    assert noisy["sound/speech_above_noise"] < clean["sound/speech_above_noise"] - 20
    assert noisy["sound/bandwidth"] > clean["sound/bandwidth"] + 2000
    assert quiet["sound/level"] == pytest.approx(clean["sound/level"] - 20, abs=0.1)
    assert clean["sound/pitch"] == pytest.approx(12 * np.log2(1.5), abs=1.0)


def test_footage_survives_the_disk(tmp_path: Path) -> None:
    given = replace(footage(0), quarantined=0.25)
    given.save(tmp_path / "footage.safetensors")
    back = Footage.load(tmp_path / "footage.safetensors")
    assert back.labels == given.labels
    assert list(back.people) == list(given.people)
    assert back.quarantined == 0.25
    assert all(np.array_equal(back.figures[name], given.figures[name]) for name in given.figures)


def test_page(tmp_path: Path) -> None:
    old, new = footage(0), shifted(footage(1), "sound/pitch", 24.0)
    drift = compare(old, new, 50)
    html = write_drift(drift, old, new, tmp_path).read_text()
    HTMLParser().feed(html)
    assert not re.search(r"https?://|<script|<link|@import", html)
    assert drift.reasons[0] in html
    assert "Drift: the new footage is of another kind" in html
    assert json.loads((tmp_path / "drift.json").read_text())["reasons"] == list(drift.reasons)
    same = write_drift(compare(old, old, 50), old, old, tmp_path / "same").read_text()
    assert "No drift" in same
