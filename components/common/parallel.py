"""Map a pure function over clips: in-process, over local processes, or over a Dask cluster.

`DASK_SCHEDULER_ADDRESS` sends the work to that cluster; otherwise local processes do it. Results keep the order of the
inputs, so outputs do not depend on who finished first.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from components.common.errors import StageError
from components.common.parent_death import die_with_parent
from components.common.progress import track
from components.common.runtime import pin_threads

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_clips(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    description: str,
) -> list[Result]:
    """`[function(item) for item in items]`, in parallel, with progress. `function` must be at module level."""
    return list(track(_run(function, items, workers), description, total=len(items)))


def _run(function: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if address:
        from distributed import Client

        with Client(address) as client:
            yield from (future.result() for future in client.map(function, items, pure=False))
    elif workers <= 1 or len(items) <= 1:
        yield from map(function, items)
    else:
        # Children read the thread limits when they first load BLAS, hence before the pool starts.
        pin_threads()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["components.common.tether", "__main__"])
        with ProcessPoolExecutor(min(workers, len(items)), mp_context=context, initializer=die_with_parent) as pool:
            done = 0
            try:
                for result in pool.map(function, items):
                    yield result
                    done += 1
            except BrokenProcessPool as error:
                raise StageError(
                    f"a worker process was killed at item {done + 1} of {len(items)} or soon after (out of memory?); "
                    "lower runtime.workers, or look at that input"
                ) from error
