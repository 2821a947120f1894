"""A footage folder may hold anything: it is listed without opening anything."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.corpus.readers.tree import entries, problem


def special_files(root: Path) -> dict[str, str]:
    """Name -> words of why it is no footage."""
    os.mkfifo(root / "pipe.mp4")
    (root / "device.mp4").symlink_to("/dev/zero")
    (root / "loop.mp4").symlink_to("loop.mp4")
    (root / "nowhere.mp4").symlink_to("absent")
    with (root / "sparse.mp4").open("wb") as stream:
        stream.truncate(1 << 40)
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root)
        server.bind("socket.mp4")
        os.chdir(here)
    return {
        "pipe.mp4": "a pipe, not a file",
        "device.mp4": "a device, not a file",
        "loop.mp4": "a link that leads nowhere (Too many levels of symbolic links)",
        "nowhere.mp4": "a link that leads nowhere (No such file or directory)",
        "sparse.mp4": "1099.5 GB of which most was never written",
        "socket.mp4": "a socket, not a file",
    }


def test_what_is_no_file_is_told_and_not_opened(tmp_path: Path) -> None:
    expected = special_files(tmp_path)
    (tmp_path / "good.mp4").write_bytes(b"x")
    (tmp_path / "link.mp4").symlink_to("good.mp4")
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.mp4").write_bytes(b"x")
    (tmp_path / "deep" / "circle").symlink_to(tmp_path)
    found = {entry.file: entry.problem for entry in entries(tmp_path)}
    assert found == {**expected, "good.mp4": "", "link.mp4": "", "deep/b.mp4": ""}
    assert list(found) == sorted(found)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "a.mp4").chmod(0)
    (tmp_path / "shut").mkdir(mode=0)
    found = {entry.file: (entry.problem, entry.folder) for entry in entries(tmp_path)}
    assert found == {
        "a.mp4": ("cannot be read (Permission denied)", False),
        "shut": ("the folder cannot be read (Permission denied)", True),
    }


def test_a_folder_that_goes_away_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root sees a folder that cannot be listed (a dead network drive)."""
    (tmp_path / "drive").mkdir()
    scan = os.scandir

    def dead(path: str) -> object:
        if str(path).endswith("drive"):
            raise OSError(5, "Input/output error", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", dead)
    (entry,) = entries(tmp_path)
    assert (entry.file, entry.folder) == ("drive", True)
    assert entry.problem == "the folder cannot be read (Input/output error)"


@pytest.mark.parametrize("name", ["absent", "x" * 300])
def test_no_folder_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        entries(tmp_path / name)


def test_a_name_that_is_too_long_is_a_problem_not_an_error(tmp_path: Path) -> None:
    assert problem(tmp_path / ("x" * 300)) == "File name too long"
