"""Results keep the order of the inputs, whoever computes them: this process, local processes, or a Dask cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from components.common.errors import StageError
from components.common.parallel import map_clips

ROOT = Path(__file__).parents[3]


def slow_first(item: tuple[int, str]) -> int:
    """The number it got; the first item is the last to be done. Notes its process in the folder that it got."""
    number, folder = item
    time.sleep(0.1 if number == 0 else 0.0)
    Path(folder, f"{number}-{os.getpid()}").touch()
    return number


def pids(folder: Path) -> set[int]:
    return {int(path.name.split("-")[1]) for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)


@pytest.mark.parametrize(("workers", "count"), [(1, 3), (4, 1), (4, 0)])
def test_one_worker_or_one_item_stays_in_this_process(tmp_path: Path, workers: int, count: int) -> None:
    items = [(number, str(tmp_path)) for number in range(count)]
    assert map_clips(slow_first, items, workers, "work") == list(range(count))
    assert pids(tmp_path) <= {os.getpid()}


def test_processes_keep_the_order(tmp_path: Path) -> None:
    items = [(number, str(tmp_path)) for number in range(4)]
    assert map_clips(slow_first, items, 2, "work") == [0, 1, 2, 3]
    assert os.getpid() not in pids(tmp_path)


def test_an_error_in_a_worker_comes_back_as_it_is() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        map_clips(int, ["1", "x"], 2, "work")


def die_by(sign: int) -> None:
    if sign:
        os.kill(os.getpid(), sign)
    time.sleep(20)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_is_explained_in_one_line(sign: signal.Signals) -> None:
    with pytest.raises(
        StageError, match=rf"^reading clips: a worker process was killed by signal {int(sign)} "
    ) as caught:
        map_clips(die_by, [0, int(sign)], 2, "reading clips")
    assert "fewer runtime.workers" in str(caught.value)


def ignores_interrupts(_: int) -> bool:
    return all(signal.getsignal(sign) is signal.SIG_IGN for sign in (signal.SIGINT, signal.SIGHUP))


def test_workers_hear_neither_ctrl_c_nor_a_hangup() -> None:
    assert map_clips(ignores_interrupts, [0, 1], 2, "work") == [True, True]


SLEEPING = """
import sys, time
from components.common.parallel import map_clips
from components.runner.command import run_command
sys.exit(run_command(lambda: map_clips(time.sleep, [0.0, 60.0], 2, "sleep")))
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_ends_the_workers_without_a_word_of_theirs(sign: signal.Signals) -> None:
    command = [sys.executable, "-c", SLEEPING]
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        family = psutil.Process(process.pid)
        deadline = time.monotonic() + 60
        while len(family.children(recursive=True)) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        members = family.children(recursive=True)
        if sign is not signal.SIGTERM:
            os.killpg(process.pid, sign)  # a terminal sends Ctrl-C and hangups to all
        else:
            process.send_signal(sign)
        said = process.stderr.read()
        assert process.wait() == 128 + sign
    assert said == "interrupted; run it again\n"
    _, alive = psutil.wait_procs(members, timeout=10)
    assert not alive


def test_a_cluster_keeps_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    items = [(number, str(tmp_path)) for number in range(4)]
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.scheduler_address)
        assert map_clips(slow_first, items, 1, "work") == [0, 1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 4
