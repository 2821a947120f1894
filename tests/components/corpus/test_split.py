from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from components.corpus.split import is_disjoint, split_clips

PEOPLE = st.lists(st.sampled_from([f"p{i}" for i in range(12)]), min_size=1, max_size=60)


def split(people: list[str], val: float = 0.125, test: float = 0.125, seed: int = 0) -> list[str]:
    return split_clips(people, [f"c{i}" for i in range(len(people))], val, test, seed)


@settings(max_examples=100, deadline=None)
@given(PEOPLE, st.floats(0.01, 0.49), st.floats(0.01, 0.49), st.integers(0, 5))
def test_people_are_kept_apart(people: list[str], val: float, test: float, seed: int) -> None:
    splits = split(people, val, test, seed)
    if is_disjoint(people):
        assert len({(p, s) for p, s in zip(people, splits, strict=True)}) == len(set(people))
        assert set(splits) == {"train", "val", "test"}
    assert "train" in splits


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.randoms())
def test_the_order_of_clips_does_not_matter(people: list[str], random: object) -> None:
    clips = [f"c{i}" for i in range(len(people))]
    before = dict(zip(clips, split_clips(people, clips, 0.2, 0.2, 3), strict=True))
    order = list(range(len(people)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = [clips[i] for i in order]
    after = dict(zip(shuffled, split_clips([people[i] for i in order], shuffled, 0.2, 0.2, 3), strict=True))
    assert after == before


def test_shares() -> None:
    people = [f"p{i:02d}" for i in range(40)]
    splits = split(people, 0.1, 0.2)
    assert (splits.count("val"), splits.count("test")) == (4, 8)
    assert set(split(people, 0, 0)) == {"train"}
    assert split(people, seed=1) != split(people, seed=2)


def test_one_person_is_split_by_clip() -> None:
    assert not is_disjoint(["a"] * 8)
    splits = split(["a"] * 8)
    assert (splits.count("train"), splits.count("val"), splits.count("test")) == (6, 1, 1)
    assert split(["a"]) == ["train"]
