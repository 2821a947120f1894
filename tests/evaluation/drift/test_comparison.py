"""New footage of the same kind is no drift, whoever is seen; of another kind it is, for the right reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from components.common.errors import UserError
from evaluation.drift.comparison import compare, distances, shares, variation
from evaluation.drift.figures import POINTS, Footage

MakeFootage = Callable[..., Footage]


def shifted(given: Footage, name: str, by: float) -> Footage:
    return replace(given, figures={**given.figures, name: given.figures[name] + by})


def test_other_people_of_the_same_kind_are_rarely_called_drift(footage: MakeFootage) -> None:
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
def test_another_kind_is_drift_for_that_reason_alone(footage: MakeFootage, name: str, by: float, reason: str) -> None:
    drift = compare(footage(0), shifted(footage(1, people=4), name, by))
    assert drift.drifted
    assert [change.name for change in drift.changes if change.drifted] == [name]
    assert drift.reasons[0].startswith(reason)
    assert drift.changes[0].name == name


def test_other_emotions_are_drift(footage: MakeFootage) -> None:
    new = footage(1, people=4)
    drift = compare(footage(0), replace(new, labels={**new.labels, "emotion": ["angry"] * len(new)}))
    assert [change.name for change in drift.changes if change.drifted] == ["share/emotion"]
    assert drift.reasons == ("Emotions: other shares of emotions: angry 100% (training: 25%), fear 0% (training: 25%), "
                             "happy 0% (training: 25%)",)  # fmt: skip


def test_footage_without_labels_is_not_drift_for_that(footage: MakeFootage) -> None:
    new = footage(1, people=4)
    blank = [""] * len(new)
    assert not compare(footage(0), replace(new, labels={"emotion": blank, "intensity": blank})).drifted


def test_unusable_inputs_are_drift(footage: MakeFootage) -> None:
    drift = compare(footage(0), replace(footage(1, people=4), quarantined=0.5))
    assert drift.reasons[0] == "Inputs: 50% cannot be used (training: 0%)"


def test_many_changes_of_one_part_are_summed_up(footage: MakeFootage) -> None:
    rng = np.random.default_rng(0)
    names = [f"motion/weight{i}" for i in range(6)]
    old, new = footage(0), footage(1, people=4)
    figures = {name: 0.3 + 0.05 * rng.normal(size=(len(old), POINTS)) for name in names}
    moved = {name: 0.8 + 0.05 * rng.normal(size=(len(new), POINTS)) for name in names}
    drift = compare(replace(old, figures=figures), replace(new, figures=moved))
    assert [reason.split(":")[0] for reason in drift.reasons] == ["Facial motion"] * 4
    assert drift.reasons[-1] == "Facial motion: 3 more figures"


def test_the_same_input_gives_the_same_verdict(footage: MakeFootage) -> None:
    pair = footage(0), footage(1)
    assert compare(*pair, 50).as_json() == compare(*pair, 50).as_json()


def test_too_few_clips_are_refused(footage: MakeFootage) -> None:
    with pytest.raises(UserError, match="new footage has 2 usable clips"):
        compare(footage(0), footage(1).take([0, 1]))


def test_total_variation() -> None:
    assert variation(["a", "b"], ["a", "b", "a", "b"]) == 0
    assert variation(["a"], ["b"]) == 1
    assert variation(["a", "a", "b", "b"], ["a", "b", "b", "b"]) == pytest.approx(0.25)
    assert variation(["", "a"], ["a"]) == 0


def test_a_distance_is_the_shift_in_spreads_of_training(footage: MakeFootage) -> None:
    old = footage(0)
    spreads = dict.fromkeys(old.figures, 0.5)
    found = distances(old, shifted(old, "motion/yaw", 0.25), spreads)
    assert found["motion/yaw"] == pytest.approx(0.5)
    assert found["motion/jawOpen"] == found["share/emotion"] == 0


def test_shares_leave_unknown_words_out() -> None:
    assert shares(["sad", "", "happy", "sad"]) == {"happy": pytest.approx(1 / 3), "sad": pytest.approx(2 / 3)}
    assert shares([""]) == {}
