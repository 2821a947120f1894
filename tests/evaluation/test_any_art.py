"""The command for any art: hits of a painter that copies, none of one that cannot, one line for what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from components.common.media import Image
from evaluation.any_art import judge, main, summarize, table
from tests.components.style_a.art.pictures import picture


def test_a_copy_hits_and_another_picture_does_not(face: Image) -> None:
    arts = {f"art {k}": picture(80, 80, k) for k in range(4)}
    others = dict(zip(arts, [*arts.values()][1:] + [*arts.values()][:1], strict=True))
    pairs, results = judge(arts, {"a": face, "b": face}, lambda portrait, art: art)
    assert len(pairs) == len(results) == 8
    found = summarize(pairs)
    assert found["palette_hit"].mean == found["texture_hit"].mean == 1
    assert found["palette_distance"].mean < found["palette_distance_unpainted"].mean
    assert found["palette_hit"].count == 4  # art pictures, not pairs
    assert "Chance of a hit: 0.250" in table(pairs)
    swapped = {id(arts[name]): other for name, other in others.items()}
    wrong = summarize(judge(arts, {"a": face}, lambda portrait, art: swapped[id(art)])[0])
    assert wrong["palette_hit"].mean == wrong["texture_hit"].mean == 0


@pytest.mark.slow
def test_a_table_and_a_sheet(models: Path, face: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("art", "faces"):
        (tmp_path / folder).mkdir()
    for k in range(2):
        Picture.fromarray(picture(64, 64, k)).save(tmp_path / "art" / f"{k}.png")
    Picture.fromarray(face).save(tmp_path / "faces" / "person.png")
    Picture.fromarray(np.zeros((80, 80, 3), np.uint8)).save(tmp_path / "faces" / "wall.png")
    arguments = ["--art", str(tmp_path / "art"), "--portraits", str(tmp_path / "faces"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--model", str(models / "style_a" / "art")]) == 0
    shown = capsys.readouterr()
    assert "| palette hit |" in shown.out
    assert "wall" in shown.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"table.md", "pairs.json", "sheet.png"}


def test_a_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--art", str(tmp_path / "no"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
