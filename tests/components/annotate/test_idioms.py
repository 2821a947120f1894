from __future__ import annotations

import pytest

from components.annotate.idioms import HELD_OUT_IDIOMS, TRAINING_IDIOMS
from components.common.artifacts import EMOTIONS


def test_every_emotion_has_its_idioms_and_none_serves_twice() -> None:
    assert set(TRAINING_IDIOMS) == set(HELD_OUT_IDIOMS) == set(EMOTIONS)
    training = [idiom for idioms in TRAINING_IDIOMS.values() for idiom in idioms]
    held_out = [idiom for idioms in HELD_OUT_IDIOMS.values() for idiom in idioms]
    assert len(training) == len(set(training)) >= 110
    assert len(held_out) == len(set(held_out)) == 6 * len(EMOTIONS)
    assert not set(training) & set(held_out)


@pytest.mark.parametrize("table", [TRAINING_IDIOMS, HELD_OUT_IDIOMS], ids=["training", "held out"])
def test_idioms_fit_into_a_sentence(table: dict[str, tuple[str, ...]]) -> None:
    for idioms in table.values():
        for idiom in idioms:
            assert idiom == idiom.strip()
            assert idiom[0].islower()
            assert not idiom.endswith(".")
