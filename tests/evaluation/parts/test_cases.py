"""Which clips are measured: held out, accepted, emotions and people in turn, with a calm portrait."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.common.clips import Clip, read_clips
from components.common.errors import UserError
from components.common.layout import Layout
from components.style_a.art.stylizers import STYLE_NAMES
from evaluation.parts.cases import STYLE_ORDER, calm_clip, choose_cases, held_out, round_robin, spread

Prepared = Callable[..., Layout]
MakeClip = Callable[..., Clip]


def test_cases_are_test_clips_with_a_calm_portrait(prepared: Prepared) -> None:
    clips = read_clips(prepared(), annotated=True)
    cases = choose_cases(clips, 5, 2, 7)
    assert {case.clip.identity for case in cases} == {"p2"}
    assert len(cases) == 3
    assert [bool(case.sample) for case in cases] == [True, True, False]
    sad = next(case for case in cases if case.clip.emotion == "sad")
    assert "neutral" in sad.portrait.video.name
    assert sad.art.identity != "p2"
    assert sad.text == "the person is sad"
    assert sad.labels == {"emotion": "sad", "identity": "p2", "style": sad.style}
    assert all(path.is_file() for path in (sad.clip.video, sad.clip.audio, sad.portrait.coefficients))
    assert choose_cases(clips, 5, 2, 7) == cases


def test_a_rejected_clip_is_never_measured(prepared: Prepared) -> None:
    layout = prepared(rejected=["p2_sad_2", "p2_neutral_0"])
    cases = choose_cases(read_clips(layout, annotated=True), 5, 0, 0)
    assert [case.clip.clip_id for case in cases] == ["p2_happy_1"]
    assert cases[0].portrait.clip_id == "p2_happy_1"  # no other clip of that person is usable


def test_spread_takes_emotions_and_people_in_turn(clip: MakeClip) -> None:
    clips = [
        clip(f"{person}{emotion}{n}", person, emotion, n)
        for person in "ab"
        for emotion in ("happy", "sad", "neutral")
        for n in (1, 2, 3)
    ]
    first = spread(clips, 6)
    assert [c.emotion for c in first[:3]] == ["neutral", "happy", "sad"]
    assert {(c.emotion, c.identity) for c in first} == {(e, p) for e in ("neutral", "happy", "sad") for p in "ab"}
    assert {c.intensity for c in first} == {3}
    assert len(spread(clips, 99)) == len(clips)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["neutral", "happy", "sad", ""]), st.integers(0, 3)),
        max_size=20,
    ),
    count=st.integers(0, 25),
)
def test_spread_is_fair_whatever_the_labels(clip: MakeClip, rows: list[tuple[str, str, int]], count: int) -> None:
    clips = [clip(str(i), *row) for i, row in enumerate(rows)]
    chosen = spread(clips, count)
    assert len(chosen) == min(count, len(clips)) == len({c.clip_id for c in chosen})
    assert chosen == spread(clips[::-1], count)
    for emotion in {row[1] for row in rows}:
        here, all_of_it = (sum(c.emotion == emotion for c in some) for some in (chosen, clips))
        most = max((sum(c.emotion == other for c in chosen) for other in {row[1] for row in rows}), default=0)
        assert here >= min(all_of_it, most - 1)


def test_round_robin_keeps_the_order_within_a_round(clip: MakeClip) -> None:
    clips = [clip(name, name[0]) for name in ("a1", "a2", "a3", "b1", "c1", "c2")]
    assert [c.clip_id for c in round_robin(clips, lambda c: c.identity)] == ["a1", "b1", "c1", "a2", "c2", "a3"]


def test_a_calm_clip_is_neutral_or_the_mildest_other(clip: MakeClip) -> None:
    happy, sad = clip("h", "a", "happy", 3), clip("s", "a", "sad", 2)
    neutral = clip("n", "a", "neutral", 3)
    stranger = clip("x", "b", "neutral", 1)
    assert calm_clip([happy, sad, neutral, stranger], happy) == neutral
    assert calm_clip([happy, sad, stranger], happy) == sad
    assert calm_clip([happy, stranger], happy) == happy


def test_validation_clips_stand_in_where_nothing_is_for_test(clip: MakeClip) -> None:
    train, val, test = (clip(split, "a", split=split) for split in ("train", "val", "test"))
    assert held_out([train, val, test]) == [test]
    assert held_out([train, val]) == [val]
    with pytest.raises(UserError, match="held out"):
        held_out([train])


def test_a_single_person_lends_their_own_picture(clip: MakeClip) -> None:
    (case,) = choose_cases([clip("a", "a")], 1, 1, 0)
    assert case.art == case.portrait == case.clip
    assert case.sample == "sample_1_clip"


def test_every_style_takes_its_turn() -> None:
    assert sorted(STYLE_ORDER) == sorted(STYLE_NAMES)
