"""Results keep the order of the inputs, whoever computes them: this process, local processes, or a Dask cluster."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from components.common.errors import StageError
from components.common.parallel import map_clips


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


def fall(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_killed_worker_is_one_line_with_its_place() -> None:
    with pytest.raises(StageError, match=r"a worker process was killed at item \d of 4 or soon after \(out of memory"):
        map_clips(fall, range(4), 2, "work")


def test_a_cluster_keeps_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    items = [(number, str(tmp_path)) for number in range(4)]
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.scheduler_address)
        assert map_clips(slow_first, items, 1, "work") == [0, 1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 4
