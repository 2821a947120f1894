"""In front of a stage: the right Python, one line for every death, and Ctrl-C without a traceback at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from components.runner.launch import ORPHAN_SECONDS, launch

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "components" / "runner" / "launch.sh"
DYING = "import os, sys; os.kill(os.getpid(), int(sys.argv[1]))"
LOADING = "print('loading', flush=True); import time; time.sleep(60)"
TRAINING = """
import sys, time
from components.common.machine.interruption import deferred
from components.runner.command import run_command
def work():
    with deferred() as wish:
        print("loading", flush=True)
        while True:
            time.sleep(0.05)
            if wish.number:
                print("saved")
            wish.fulfil()
sys.exit(run_command(work, after_interrupt="`dvc repro train` goes on"))
"""


def start(folder: Path, code: str, *arguments: str, **variables: str) -> Any:
    (folder / "some_stage.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **variables}
    command = [sys.executable, "-m", "components.runner.launch", "some_stage", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_stage_is_explained_in_one_line(tmp_path: Path, sign: signal.Signals) -> None:
    process = start(tmp_path, DYING, str(int(sign)))
    _, told = process.communicate(timeout=60)
    assert told.startswith(f"error: some_stage was killed by signal {int(sign)} ({sign.name}, ")
    assert told.count("\n") == 1
    assert process.returncode == 128 + sign


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_while_modules_load_is_one_line(tmp_path: Path, sign: signal.Signals) -> None:
    process = start(tmp_path, LOADING)
    assert process.stdout.readline() == "loading\n"
    os.killpg(process.pid, sign)  # as a terminal does
    _, told = process.communicate(timeout=60)
    assert told.count("\n") <= 1
    assert "Traceback" not in told
    assert process.returncode == 128 + sign


def test_a_program_that_shall_not_hear_hangups_does_not(tmp_path: Path) -> None:
    (tmp_path / "some_stage.py").write_text("import time; print('loading', flush=True); time.sleep(2); print('done')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = ["nohup", sys.executable, "-m", "components.runner.launch", "some_stage"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        os.killpg(process.pid, signal.SIGHUP)
        assert process.stdout.read() == "done\n"
        assert process.wait() == 0


def test_an_interruption_of_a_training_saves_first(tmp_path: Path) -> None:
    process = start(tmp_path, TRAINING)
    assert process.stdout.readline() == "loading\n"
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    out, told = process.communicate(timeout=60)
    assert (out, told) == ("saved\n", "interrupted; `dvc repro train` goes on\n")
    assert process.returncode == 130


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_another_exit_code_comes_through(tmp_path: Path, code: int) -> None:
    process = start(tmp_path, f"import sys; print(sys.argv[1:]); sys.exit({code})", "--params", "a b.yaml")
    out, told = process.communicate(timeout=60)
    assert (process.returncode, out, told) == (code, "['--params', 'a b.yaml']\n", "")


ORPHAN = """
import subprocess, sys
subprocess.run([sys.executable, "-m", "components.runner.launch", "some_stage"])
"""
DEAF = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda *_: None)  # as where the answer to a signal is lost in somebody's `__del__`
print(os.getpid(), flush=True)
while True:
    time.sleep(1)
"""


def test_a_stage_whose_dvc_is_gone_may_not_stay(tmp_path: Path) -> None:
    (tmp_path / "some_stage.py").write_text(DEAF)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", ORPHAN]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        stage = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.3)
        parent.kill()
        _, alive = psutil.wait_procs([stage], timeout=ORPHAN_SECONDS + 20)
    assert not alive


def test_only_the_standard_library_is_loaded() -> None:
    code = "import sys, components.runner.launch; print({'numpy', 'rich', 'pydantic', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert callable(launch)


def shell(cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    """`launch.sh` of a command named `dvc`, as DVC starts it: through a shell that becomes it."""
    asking = "import subprocess; subprocess.run(['/bin/sh', '-c', 'exec /bin/sh %s some_stage'], cwd=%r)"
    code = asking % (SCRIPT, str(cwd))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{cwd}{os.pathsep}{ROOT}"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def tools(folder: Path, **pythons: str) -> str:
    """A folder for PATH with the few programs that the script needs, and these."""
    folder.mkdir()
    for name in ("tr", "head", "sh"):
        (folder / name).symlink_to(f"/usr/bin/{name}" if Path(f"/usr/bin/{name}").exists() else f"/bin/{name}")
    for name, script in pythons.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("pythons", [{}, {"python": "exit 1"}], ids=["no python", "a python without the packages"])
def test_a_shell_without_the_environment_finds_the_python_of_dvc(tmp_path: Path, pythons: dict[str, str]) -> None:
    (tmp_path / "some_stage.py").write_text("import sys; print(sys.executable)")
    done = shell(tmp_path, tools(tmp_path / "bin", **pythons))
    assert Path(done.stdout.strip()).parent == Path(sys.executable).parent, done.stderr


def test_where_there_is_no_python_it_says_what_to_do(tmp_path: Path) -> None:
    environment = {"PATH": tools(tmp_path / "bin")}
    command = ["/bin/sh", "-c", f"/bin/sh {SCRIPT} some_stage; exit $?"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no Python with the packages of the project; make env")
