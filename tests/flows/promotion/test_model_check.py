"""The check of a logged model: what it prints, and how it ends. Promotion starts it as a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.promotion.model_check import main
from tests.flows.versions import with_models


def test_a_model_that_answers_with_a_video(answering_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(answering_model)) == 0
    assert capsys.readouterr().out == "1 answer, 16 bytes\n"


def test_an_answer_that_is_no_video(
    made_miniature: Path, answering_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = with_models(answering_model, made_miniature, tmp_path / "model")
    (model / "serving.py").write_text((model / "serving.py").read_text().replace("ftyp", "html5"))
    assert main(str(model)) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "its answer is not an mp4 video"
