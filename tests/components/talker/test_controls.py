"""Controls refuse what makes no sense, and write themselves down for a video's tags."""

from __future__ import annotations

from dataclasses import fields

import pytest

from components.common.errors import UserError
from components.talker.controls import RANGES, Controls


@pytest.mark.parametrize("name", sorted(RANGES))
@pytest.mark.parametrize("value", [-0.1, 99.0, float("nan"), float("inf")])
def test_values_out_of_range_are_one_line(name: str, value: float) -> None:
    with pytest.raises(UserError, match=name.replace("_", "-")) as caught:
        Controls(**{name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(RANGES))
def test_both_ends_of_a_range_are_allowed(name: str) -> None:
    for value in RANGES[name]:
        assert getattr(Controls(**{name: value}), name) == value


def test_every_control_but_the_seed_has_a_range() -> None:
    assert {field.name for field in fields(Controls)} == {*RANGES, "seed"}


def test_seed_range() -> None:
    Controls(seed=2**32 - 1)
    for seed in (-1, 2**32):
        with pytest.raises(UserError, match="seed"):
            Controls(seed=seed)


def test_notes_name_every_control() -> None:
    notes = Controls(blink=0.5, seed=7).notes()
    assert set(notes) == {field.name for field in fields(Controls)}
    assert (notes["blink"], notes["lip"], notes["seed"]) == ("0.5", "1", "7")
