from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from components.coefficients.live_link import HEADER, main, rotations, timecode, write_live_link
from components.common.arkit import ARKIT_NAMES, COEFFICIENTS, INDEX, gaze_to_weights
from components.common.artifacts import save_arrays
from components.common.errors import UserError


def motion(frames: int = 30) -> np.ndarray:
    rows = np.zeros((frames, COEFFICIENTS), np.float32)
    rows[:, INDEX["jawOpen"]] = np.linspace(0, 1, frames)
    rows[:, INDEX["yaw"]] = 0.25
    return rows


def test_the_file_reads_back_with_apples_columns(tmp_path: Path) -> None:
    write_live_link(tmp_path / "x.csv", motion())
    with (tmp_path / "x.csv").open(newline="") as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == 30
    assert tuple(table[0]) == HEADER
    assert HEADER[2:5] == ("EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft")
    assert len(HEADER) == 2 + len(ARKIT_NAMES) + 9
    assert {row["BlendshapeCount"] for row in table} == {"61"}
    assert float(table[-1]["JawOpen"]) == pytest.approx(1)
    assert float(table[3]["HeadYaw"]) == pytest.approx(0.25)
    assert table[26]["Timecode"] == "00:00:01:01.000"


def test_timecodes_carry_over() -> None:
    assert timecode(0) == "00:00:00:00.000"
    assert timecode(25 * 3600 * 2 + 25 * 61 + 3) == "02:01:01:03.000"


def test_both_eyes_turn_together() -> None:
    rows = motion(1)
    gaze_to_weights(np.array([[0.2, -0.1]]), rows)
    left, right = rotations(rows)[0, 3:5], rotations(rows)[0, 6:8]
    assert left == pytest.approx([0.2, 0.1])  # to image right, and down
    assert left == pytest.approx(right)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_arrays(tmp_path / "m.safetensors", {"coefficients": motion(3)})
    arguments = ["--coefficients", str(tmp_path / "m.safetensors"), "--out", str(tmp_path / "m.csv")]
    assert main(arguments) == 0
    assert "3 frames" in capsys.readouterr().out
    save_arrays(tmp_path / "m.safetensors", {"other": motion(3)})
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    (tmp_path / "m.safetensors").write_bytes(b"not safetensors")
    assert main(arguments) == 2


def test_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="58"):
        write_live_link(tmp_path / "x.csv", np.zeros((3, 52)))
    assert not (tmp_path / "x.csv").exists()
