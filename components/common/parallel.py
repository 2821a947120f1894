"""Map a pure function over clips: in-process, over local processes, or over a Dask cluster.

`DASK_SCHEDULER_ADDRESS` sends the work to that cluster; otherwise local processes do it. Results keep the order of the
inputs, so outputs do not depend on who finished first.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from components.common.errors import StageError
from components.common.machine.endings import first_death
from components.common.machine.interruption import ignored_by_children
from components.common.machine.places import short_sockets
from components.common.parent_death import die_with_parent
from components.common.progress import track
from components.common.runtime import pin_threads

Item = TypeVar("Item")
Result = TypeVar("Result")
ADVICE = "run it again, with fewer runtime.workers if memory is short"


def map_clips(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    description: str,
) -> list[Result]:
    """`[function(item) for item in items]`, in parallel, with progress. `function` must be at module level.

    Raises `StageError` in one line when a worker dies.
    """
    return list(track(_run(function, items, workers, description), description, total=len(items)))


def _run(function: Callable[[Item], Result], items: Sequence[Item], workers: int, description: str) -> Iterator[Result]:
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if address:
        yield from _cluster(address, function, items, description)
    elif workers <= 1 or len(items) <= 1:
        yield from map(function, items)
    else:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["components.common.tether", "__main__"])
        with processes(min(workers, len(items)), context, description) as submit:
            futures = [submit(function, item) for item in items]
            yield from (future.result() for future in futures)


def _cluster(
    address: str, function: Callable[[Item], Result], items: Sequence[Item], description: str
) -> Iterator[Result]:
    from distributed import Client, KilledWorker

    with Client(address) as client:
        try:
            yield from (future.result() for future in client.map(function, items, pure=False))
        except KilledWorker as error:
            raise StageError(f"{description}: the cluster's workers died of it; {ADVICE}") from error


@contextmanager
def processes(workers: int, context: BaseContext, description: str) -> Iterator[Callable[..., Future[Any]]]:
    """Processes that end with the block, however it ends, and with this process. Yields what submits a call to them.

    Raises `StageError` in one line when one of them dies.
    """
    pin_threads()  # children read the thread limits when they first load BLAS, hence before they start
    others = set(multiprocessing.active_children())
    children: set[BaseProcess] = set()
    with ignored_by_children():  # its queues start multiprocessing's own tracker of resources
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=die_with_parent)

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with short_sockets(), ignored_by_children():  # a process may start here
            future = pool.submit(function, *arguments)
        children.update({*multiprocessing.active_children()} - others)
        return future

    try:
        yield submit
    except BrokenProcessPool as error:
        pool.shutdown()
        how = first_death(process.exitcode for process in children) or "gone"
        raise StageError(f"{description}: a worker process was {how}; {ADVICE}") from error
    except BaseException:
        for process in children:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
