"""The demo's inputs are made here, its last words name files, and it says so where nothing was trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.media import read_audio, read_image
from components.talker.demo import closing, main, write_inputs


def test_closing_names_what_there_is_now(tmp_path: Path) -> None:
    lines = closing(tmp_path / "demo.mp4", tmp_path / "reports" / "index.html").splitlines()
    assert len(lines) == 5
    assert str(tmp_path / "demo.mp4") in lines[1]
    assert str(tmp_path / "inputs") in lines[1]
    assert str(tmp_path / "reports" / "index.html") in lines[2]


@pytest.mark.slow
def test_inputs(tmp_path: Path) -> None:
    places = write_inputs(tmp_path)
    assert read_image(places["portrait.png"]).shape == read_image(places["art.png"]).shape == (512, 512, 3)
    assert len(read_audio(places["speech.wav"])) > 3 * 16_000


@pytest.mark.slow
def test_missing_models_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "demo.mp4"), "--models", str(tmp_path / "none")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert "is missing" in message
    assert message.count("\n") == 1
