"""The example request that is logged with the model: well-formed, small, and answered by a real talker."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from components.talker import example
from components.talker.service import COLUMNS, TalkerService


def test_columns_are_those_of_the_service() -> None:
    columns = example.columns()
    assert [name for name, _, _ in columns] == list(COLUMNS)
    assert not any(needed for _, _, needed in columns), "the service says what is missing, in a line"


def test_the_request_is_small_and_the_same_each_time() -> None:
    request = example.request()
    assert set(request) <= set(COLUMNS)
    assert sum(len(str(value)) for value in request.values()) < 60_000
    assert request == example.request()


@pytest.mark.slow
def test_a_talker_answers_it(talker: Any) -> None:
    (video,) = TalkerService(talker).predict([example.request()])
    assert base64.b64decode(video)[4:8] == b"ftyp"
