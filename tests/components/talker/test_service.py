"""Requests of a model server: bad ones are one line about their fields; good ones do not notice each other."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.common.errors import UserError
from components.talker.cli import main
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
        ({"portrait": OK, "audio": OK, "art": float("nan"), "lip": None}, "the field audio is a text file"),
        ({"portrait": OK, "audio": OK, "emotion": float("nan")}, "the field audio"),
    ],
)
def test_bad_requests(row: dict[str, Any], said: str) -> None:
    service = TalkerService(None)  # type: ignore[arg-type]  # these requests never reach the models
    with pytest.raises(UserError, match=said) as caught:
        service.predict([row])
    assert "\n" not in str(caught.value)
    assert "/" not in str(caught.value), "no place of the server"


def test_a_table_without_rows_is_a_mistake() -> None:
    with pytest.raises(UserError, match="no request; send at least one row"):
        TalkerService(None).predict([])  # type: ignore[arg-type]


@pytest.mark.slow
def test_overlapping_requests_get_what_they_get_alone(models: Path, files: Path, tmp_path: Path) -> None:
    service = TalkerService.load({name: str(models / name) for name in ("regressor", "style_e", "style_a")})
    portrait, speech = (base64.b64encode((files / name).read_bytes()).decode() for name in ("face.png", "speech.wav"))
    common: dict[str, Any] = {"portrait": portrait, "audio": speech, "size": 64}
    rows = [common, {**common, "emotion": "furious", "seed": 1}, {**common, "art": portrait, "emotion": "sad"}]
    wall = {**common, "portrait": base64.b64encode((files / "wall.png").read_bytes()).decode()}

    def answer(row: dict[str, Any]) -> str:
        try:
            return hashlib.sha256(service.predict([row])[0].encode()).hexdigest()
        except UserError as error:
            return str(error)

    rows.append(wall)
    alone = [answer(row) for row in rows]
    assert "no face found" in alone[-1]
    order = [index for _ in range(6) for index in range(len(rows))]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda index: answer(rows[index]), order))
    assert [index for index, given in zip(order, answers, strict=True) if given != alone[index]] == []
    out = tmp_path / "v.mp4"
    inputs = ["--portrait", str(files / "face.png"), "--audio", str(files / "speech.wav")]
    assert main(["generate", *inputs, "--out", str(out), "--size", "64", "--models", str(models)]) == 0
    assert hashlib.sha256(base64.b64encode(out.read_bytes())).hexdigest() == alone[0]
