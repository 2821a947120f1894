"""Disk trouble is one line, whatever a library called it; other errors stay what they are."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.common.errors import disk_trouble

FULL = OSError(errno.ENOSPC, "No space left on device")
SAFETENSORS = RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
READ_ONLY = OSError(errno.EROFS, "Read-only file system", "/data/clip.wav")


def wrapped(error: Exception) -> Exception:
    outer = RuntimeError("the writer failed")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize("error", [FULL, SAFETENSORS, wrapped(FULL), wrapped(SAFETENSORS)])
def test_a_full_disk(error: Exception, tmp_path: Path) -> None:
    trouble = disk_trouble(error, tmp_path)
    assert trouble is not None
    assert "no space left" in str(trouble)
    assert "\n" not in str(trouble)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    assert "/data/clip.wav cannot be written" in str(disk_trouble(READ_ONLY, tmp_path))


@pytest.mark.parametrize("error", [ValueError("shapes differ"), FileNotFoundError(errno.ENOENT, "no such file", "x")])
def test_other_errors_are_not_about_the_disk(error: Exception, tmp_path: Path) -> None:
    assert disk_trouble(error, tmp_path) is None


STAGE = """
'''Fills the disk.'''
import sys
from components.runner.stage import main
def run(stage):
    raise OSError(28, "No space left on device")
sys.exit(main("prepare", run))
"""


def test_a_stage_says_it_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("runtime: {seed: 0}\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "STYLE2TALKER_TRACKING": "off"}
    command = [sys.executable, "-c", STAGE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("error: no space left on the disk")
    assert "Traceback" not in done.stderr
