"""Machine code that many processes keep in one folder is never another function's, whoever writes at once or dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.common.machine.compiled import compiled_folder

ROOT = Path(__file__).parents[4]
# Two processes have both read an empty index; the second saves its variant while the first is about to write its code.
RACE = """
import pickle, sys
from numba.core import caching
{guard}
class File(caching.IndexDataCacheFile):
    other = None
    blind = False
    def _load_index(self):
        return {{}} if self.blind else super()._load_index()
    def _save_data(self, name, data):
        if self.other is not None:
            self.other.save("float64", "code for float64")
        super()._save_data(name, data)
    def _dump(self, obj):
        return pickle.dumps(obj)
first, second = (File(sys.argv[1], "f", "stamp") for _ in range(2))
first.other, second.blind = second, True
first.save("int64", "code for int64")
for key in ("int64", "float64"):
    print(key, second.__class__(sys.argv[1], "f", "stamp").load(key))
"""
KILLED = """
import os, sys
from numba.core import caching
{guard}
stamp, die = sys.argv[2], sys.argv[3] == "die"
class File(caching.IndexDataCacheFile):
    def _dump(self, obj):
        import pickle
        return pickle.dumps(obj)
    def _open_for_write(self, path):
        if die and path.endswith(".nbc") == ({dies_at!r} == "code"):
            os._exit(9)
        return super()._open_for_write(path)
file = File(sys.argv[1], "f", stamp)
found = file.load("int64")
print(found)
if not found:
    file.save("int64", "code of " + stamp)
"""
GUARD = "from components.common.machine.compiled import guard_cache; guard_cache()"
FUNCTION = """
from components.common.machine.compiled import compiled
@compiled()
def double(x):
    return x * 2
print(double(2), double(2.5))
"""
# The same function twice: its name has another number in each, and what is kept of the first is found by the second.
WRAPPER = """
{guard}
import numpy as np
from numba import guvectorize
def double(x, out):
    out[0] = 2 * x[0]
out = np.zeros(3)
guvectorize(["(f8[:], f8[:])"], "(n)->(n)", cache=True)(double)(np.ones(3), out)
guvectorize("(n)->(n)", cache=True)(double)(2 * np.ones(3), out)
print(out[0])
"""


def python(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)


def test_two_at_once_never_get_each_others_code(tmp_path: Path) -> None:
    done = python(RACE.format(guard=GUARD), str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    # One of them may have to compile again; neither gets what is not its own.
    assert found["int64"] in ("None", "code for int64")
    assert found["float64"] in ("None", "code for float64")
    assert set(found.values()) != {"None"}


@pytest.mark.parametrize("dies_at", ["code", "index"])
def test_a_kill_between_index_and_code_leaves_no_old_code_under_a_new_name(tmp_path: Path, dies_at: str) -> None:
    code = KILLED.format(guard=GUARD, dies_at=dies_at)
    assert python(code, str(tmp_path), "old", "live").stdout == "None\n"
    assert python(code, str(tmp_path), "new", "die").returncode == 9
    assert python(code, str(tmp_path), "new", "live").stdout == "None\n"
    assert python(code, str(tmp_path), "new", "live").stdout == "code of new\n"


def test_a_wrapper_that_another_process_left_is_not_called_by_a_name_that_it_lacks(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WRAPPER.format(guard=GUARD))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for _ in range(3):
        done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "4.0\n"), done.stderr


def test_compiled_functions_are_kept_in_the_projects_own_folder(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(FUNCTION)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for _ in range(2):
        done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "4 5.0\n"), done.stderr
    kept = sorted(path.suffix for path in (tmp_path / "cache" / "style2talker").rglob("*") if path.is_file())
    assert kept == [".nbc", ".nbc", ".nbi"]


def test_read_only_code_and_home_are_no_reason_to_fail(tmp_path: Path) -> None:
    variables = {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/x", "STYLE2TALKER_CACHE": "", "NUMBA_CACHE_DIR": "/proc/y"}
    done = python("from components.style_a.motion.rasterizer import fill", TMPDIR=str(tmp_path), **variables)
    assert done.returncode == 0, done.stderr


def test_everybody_compiles_through_the_safe_cache() -> None:
    modules = [path for package in ("components", "evaluation", "flows") for path in (ROOT / package).rglob("*.py")]
    assert [path.name for path in modules if "njit(" in path.read_text()] == ["compiled.py"]
    guarded = [path for path in modules if "import librosa" in path.read_text()]
    assert guarded
    assert all("guard_cache()" in path.read_text() for path in guarded)
    assert compiled_folder().is_absolute()
