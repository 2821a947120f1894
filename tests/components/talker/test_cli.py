"""Every mistake on the command line is one line and exit code 2, told before models are loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from components.common.media import write_wav
from components.talker.cli import main


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    PIL.Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "p.png")
    write_wav(tmp_path / "a.wav", np.zeros(16_000, np.float32))
    return ["generate", "--portrait", str(tmp_path / "p.png"), "--audio", str(tmp_path / "a.wav")]


def fails(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    message = capfd.readouterr().err
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    return message


def test_help_ends_with_an_example(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--help"]) == 0
    shown = capfd.readouterr().out
    assert "--portrait p.png" in shown[shown.rindex("Example") :]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ([], "--out"),
        (["--out", "v.avi"], ".mp4"),
        (["--out", "v.mp4", "--lip", "7"], "lip"),
        (["--out", "v.mp4", "--lip", "much"], "--lip"),
        (["--out", "v.mp4", "--max-seconds", "nan"], "max-seconds"),
        (["--out", "v.mp4", "--style", "no_such.png"], "no_such.png"),
        (["--out", "v.mp4", "--models", "no_such_models"], "no_such_models"),
    ],
)
def test_mistakes(inputs: list[str], extra: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert said in fails([*inputs, *extra], capfd)


def test_output_never_overwrites_an_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clip = tmp_path / "talk.mp4"
    clip.write_bytes(b"x")
    message = fails(["generate", "--portrait", str(clip), "--audio", str(clip), "--out", str(clip)], capfd)
    assert "also an input" in message
    assert clip.read_bytes() == b"x"


def test_unknown_command(capfd: pytest.CaptureFixture[str]) -> None:
    fails(["produce"], capfd)
    fails([], capfd)


@pytest.mark.slow
def test_command_line(models: Path, files: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "v.mp4"
    common = ["generate", "--audio", str(files / "speech.wav"), "--out", str(out), "--models", str(models)]
    assert main([*common, "--portrait", str(files / "wall.png")]) == 2
    message = capfd.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("error: ")
    assert "face" in message
    assert not out.exists()
    assert main([*common, "--portrait", str(files / "face.png"), "--max-seconds", "0.5"]) == 2
    assert "longer than 0.5 s" in capfd.readouterr().err
    assert (
        main([*common, "--portrait", str(files / "face.png"), "--size", "64", "--style", str(files / "face.png")]) == 0
    )
    assert capfd.readouterr().out.strip().endswith("v.mp4")
    assert out.is_file()
