"""The check of a logged model: what it prints, and how it ends, as the process that promotion starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flows.promotion.verify import CHECKER
from tests.flows.versions import with_models


def check(folder: Path) -> tuple[int, str]:
    process = subprocess.run([sys.executable, "-P", str(CHECKER), str(folder)], capture_output=True, text=True)
    return process.returncode, process.stdout + process.stderr


def test_a_model_that_answers_with_a_video(answering_model: Path) -> None:
    assert check(answering_model) == (0, "1 answer, 16 bytes\n")


def test_an_answer_that_is_no_video(made_miniature: Path, answering_model: Path, tmp_path: Path) -> None:
    model = with_models(answering_model, made_miniature, tmp_path / "model")
    (model / "serving.py").write_text((model / "serving.py").read_text().replace("ftyp", "html"))
    code, text = check(model)
    assert (code, text.splitlines()[-1]) == (1, "its answer is not an mp4 video")
