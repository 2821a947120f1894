"""Measuring one's own portraits: a table and a sheet, and one line for what cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from components.common.media import Image, write_wav
from evaluation.in_the_wild import main


def folders(root: Path, face: Image | None) -> list[str]:
    for name in ("faces", "sounds"):
        (root / name).mkdir()
    Picture.fromarray(np.zeros((80, 80, 3), np.uint8)).save(root / "faces" / "a_wall.png")
    if face is not None:
        Picture.fromarray(face).save(root / "faces" / "b_person.png")
    tone = 0.3 * np.sin(np.arange(16_000) / 16_000 * 2 * np.pi * 220)
    write_wav(root / "sounds" / "tone.wav", tone.astype(np.float32))
    return ["--portraits", str(root / "faces"), "--audio", str(root / "sounds"), "--out", str(root / "out")]


@pytest.mark.slow
def test_a_table_and_a_sheet(models: Path, face: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*folders(tmp_path, face), "--models", str(models), "--seconds", "0.6", "--size", "128"]
    arguments += ["--emotion", "a bit sad", "--every-pair"]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert "| b_person+tone | a bit sad | 15 (15) |" in shown.out
    assert "a_wall" in shown.err
    assert (tmp_path / "out" / "sheet.jpg").is_file()
    assert (tmp_path / "out" / "b_person+tone.mp4").is_file()


def test_a_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--portraits", str(tmp_path / "no"), "--audio", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
