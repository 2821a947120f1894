from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.annotate.rankers.diversity import choose_diverse


def test_diversity_prefers_what_is_new() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    relevance = np.array([0.9, 0.89, 0.6])
    assert choose_diverse(relevance, vectors, 2, diversity=0.5) == [0, 2]
    assert choose_diverse(relevance, vectors, 2, diversity=0.0) == [0, 1]
    assert choose_diverse(relevance, vectors, 9, diversity=0.5) == [0, 2, 1]


def test_nothing_to_choose_from() -> None:
    assert choose_diverse(np.zeros(0), np.zeros((0, 3)), 5) == []


@given(count=st.integers(1, 8), keep=st.integers(1, 10), seed=st.integers(0, 99))
def test_choices_are_distinct_and_start_with_the_most_relevant(count: int, keep: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance = rng.uniform(size=count)
    chosen = choose_diverse(relevance, vectors, keep)
    assert chosen[0] == relevance.argmax()
    assert len(set(chosen)) == len(chosen) == min(count, keep)


@pytest.mark.parametrize(("diversity", "second"), [(0.1, 1), (0.9, 2)])
def test_the_second_choice_weighs_relevance_against_likeness(diversity: float, second: int) -> None:
    vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])  # similarity to the first: 0.8 and 0
    assert choose_diverse(np.array([1.0, 0.9, 0.1]), vectors, 2, diversity) == [0, second]
