"""Homes that are missing or read-only, temporary folders that are full, long or not there."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.common.machine import places

ROOT = Path(__file__).parents[4]
POOL = """
from components.common.parallel import map_clips
print(map_clips(abs, [-1, -2, -3], 2, "work"))
"""
SOME = ("PREFECT_HOME", "XDG_CACHE_HOME", "STYLE2TALKER_CACHE", "NUMBA_CACHE_DIR")


def python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in SOME} | variables
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


def long_folder(base: Path) -> Path:
    folder = base / ("a" * 55) / ("b" * 55)
    folder.mkdir(parents=True)
    return folder


def test_a_pool_starts_with_a_long_temporary_folder(tmp_path: Path) -> None:
    done = python(POOL, TMPDIR=str(long_folder(tmp_path)))
    assert (done.returncode, done.stdout) == (0, "[1, 2, 3]\n"), done.stderr


def test_files_stay_in_the_long_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = long_folder(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with places.short_sockets():
        assert len(tempfile.gettempdir()) <= places.LONGEST
    assert tempfile.gettempdir() == str(folder)
    monkeypatch.setattr(places, "SHORT", ())
    with pytest.raises(UserError, match="set TMPDIR to a shorter one"), places.short_sockets():
        pass


def test_a_temporary_folder_without_room_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SPARE_MEGABYTES", 1 << 40)
    with pytest.raises(UserError, match="free some or set TMPDIR to another"):
        places.temporary()


@pytest.mark.parametrize("home", ["/proc", "/proc/nobody", "/dev/null"])  # not even root writes there
def test_without_a_home_there_is_a_place_for_everything(tmp_path: Path, home: str) -> None:
    code = """
import os
from components.common.machine import places
places.settle()
print(places.cache_folder())
for name in places.HOMES: print(os.environ[name])
"""
    done = python(code, HOME=home, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        assert Path(line).is_relative_to(tmp_path), line
        assert places.writable(Path(line))


def test_what_a_user_has_set_stays(tmp_path: Path) -> None:
    code = "from components.common.machine import places; import os; places.settle(); print(os.environ['PREFECT_HOME'])"
    done = python(code, HOME="/proc", PREFECT_HOME="/mine", TMPDIR=str(tmp_path))
    assert done.stdout == "/mine\n"


def test_a_folder_that_another_user_made_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine = places.spare()
    assert mine.stat().st_mode & 0o777 == 0o700
    assert places.spare() == mine
    mine.chmod(0o777)
    other = places.spare()
    assert other != mine
    assert other.stat().st_mode & 0o777 == 0o700


def test_writing_is_tried_where_the_folder_will_be(tmp_path: Path) -> None:
    assert places.writable(tmp_path / "not" / "there" / "yet")
    assert not (tmp_path / "not").exists()
    assert not places.writable(Path("/proc/here"))
