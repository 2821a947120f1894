"""Phonemes to lips: the right target at the right time, and nothing in silence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.common.arkit import ARKIT_NAMES, INDEX, WEIGHTS
from components.common.artifacts import FPS, Phoneme
from components.synthetic.motion.visemes import (
    ANTICIPATION,
    BILABIALS,
    LABIODENTALS,
    STRESS,
    VISEMES,
    articulate,
    base_symbols,
)


def test_every_viseme_names_real_shapes() -> None:
    assert all(v.vector.shape == (len(ARKIT_NAMES),) and v.dominance > 0 for v in VISEMES.values())
    assert base_symbols("ˈaɪ") == ("a", "ɪ")
    assert base_symbols("tʃ") == ("tʃ",)
    assert base_symbols("") == ()
    assert base_symbols("ˌɑː") == ("ɑ",)


def said(*symbols: str, seconds: float = 0.2) -> tuple[Phoneme, ...]:
    """Each symbol in turn, between pauses ("")."""
    return tuple(Phoneme(i * seconds, (i + 1) * seconds, ipa) for i, ipa in enumerate(("", *symbols, "")))


def test_each_sound_reaches_its_shape_a_little_early() -> None:
    track = articulate(said("ɑ"), 15)
    peak = int(track.weights[:, INDEX["jawOpen"]].argmax())
    assert (peak + 0.5) / FPS == pytest.approx(0.3 - ANTICIPATION, abs=0.5 / FPS)
    assert track.weights[peak, INDEX["jawOpen"]] > 0.6 * VISEMES["ɑ"].vector[INDEX["jawOpen"]]
    assert track.weights[[0, -1]].max() < 0.1


def test_closures_rule_their_moment() -> None:
    for symbol, group in (("b", BILABIALS), ("v", LABIODENTALS)):
        track = articulate(said("a", symbol, "a"), 25)
        closure = track.bilabial if group is BILABIALS else track.labiodental
        other = track.labiodental if group is BILABIALS else track.bilabial
        assert symbol in group
        assert (closure.argmax() + 0.5) / FPS == pytest.approx(0.5 - ANTICIPATION, abs=1 / FPS)
        assert closure.max() > 0.8
        assert not other.any()


def test_stress_opens_wider_and_strange_sounds_open_a_little() -> None:
    plain, stressed, strange = (
        articulate(said(ipa), 15).weights[:, INDEX["jawOpen"]].max() for ipa in ("ɑ", "ˈɑ", "ʘ")
    )
    assert stressed == pytest.approx(STRESS * plain, rel=0.02)
    assert 0.05 < strange < plain


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([*VISEMES, "", "ʘ"]), max_size=12), st.integers(0, 60))
def test_any_words_give_weights_within_their_targets(symbols: list[str], frames: int) -> None:
    track = articulate(said(*symbols), frames)
    assert track.weights.shape == (frames, WEIGHTS)
    highest = max((VISEMES[s].vector.max() for s in symbols if s in VISEMES), default=0.2)
    assert (track.weights >= 0).all()
    assert (track.weights <= max(highest, 0.2) + 1e-9).all()
    assert (track.bilabial >= 0).all()
    assert (track.bilabial + track.labiodental <= 1 + 1e-9).all()
