from __future__ import annotations

from pathlib import Path

import pytest

from components.annotate.rankers.base import load_ranker
from components.annotate.rankers.clip import ClipRanker
from components.annotate.rankers.sentence import SentenceRanker
from components.common.errors import UserError
from components.common.params import Annotate
from tests.components.annotate.tiny_models import save_tiny_clip


def test_the_parameters_name_the_ranker(tmp_path: Path) -> None:
    save_tiny_clip(tmp_path)
    assert isinstance(load_ranker(Annotate()), SentenceRanker)
    assert isinstance(load_ranker(Annotate(ranker="clip", clip_model=str(tmp_path))), ClipRanker)


def test_a_ranker_without_its_model_is_one_line() -> None:
    with pytest.raises(UserError, match="clip_model"):
        load_ranker(Annotate(ranker="clip"))
