"""Requests of a model server: bad ones are refused in one line before anything is drawn."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from components.common.errors import UserError
from components.talker.service import TalkerService

OK = base64.b64encode(b"not a picture").decode()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "portrait"),
        ({"portrait": OK}, "audio"),
        ({"portrait": OK, "audio": "***"}, "not base64"),
        ({"portrait": 7, "audio": OK}, "base64 text"),
        ({"portrait": OK, "audio": OK, "sise": 3}, "sise"),
        ({"portrait": OK, "audio": OK, "size": "huge"}, "size"),
        ({"portrait": OK, "audio": OK, "lip": 99}, "lip"),
        ({"portrait": OK, "audio": OK, "art": float("nan"), "lip": None}, "text file"),
    ],
)
def test_bad_requests(row: dict[str, Any], said: str) -> None:
    service = TalkerService(None)  # type: ignore[arg-type]  # these requests never reach the models
    with pytest.raises(UserError, match=said) as caught:
        service.predict([row])
    assert "\n" not in str(caught.value)
