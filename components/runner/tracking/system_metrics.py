"""What a run cost: processor, memory, disk and GPU, sampled beside it in a thread.

Samples come every second at first, so that a run of seconds has some, and ever more rarely later, so that a run of days
does not drown in them: about five for each tenfold of its length, and one at the end.
"""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FIRST_SECONDS = 1.0
GROWTH = 1.5
MOST_SECONDS = 60.0

Log = Callable[[Mapping[str, float], int], None]


def sample(root: Path) -> dict[str, float]:
    """One reading. Names start with `system/`, which MLflow shows in a tab of its own; percent, and megabytes."""
    import psutil

    process = psutil.Process()
    family = [process, *process.children(recursive=True)]
    resident = 0
    for member in family:
        try:
            resident += member.memory_info().rss
        except psutil.Error:  # ended since it was listed
            continue
    memory = psutil.virtual_memory()
    return {
        "system/cpu_utilization_percentage": psutil.cpu_percent(),
        "system/system_memory_usage_percentage": memory.percent,
        "system/process_memory_megabytes": resident / 1e6,
        "system/disk_available_megabytes": shutil.disk_usage(root).free / 1e6,
        **_gpu(),
    }


def _gpu() -> dict[str, float]:
    """Megabytes in use on the GPU that this process trains on; nothing before it does."""
    # The stage may be importing torch at this very moment: then the module is there, but not yet what it holds.
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    in_use = getattr(cuda, "is_initialized", None)
    if cuda is None or in_use is None or not in_use():
        return {}
    free, total = cuda.mem_get_info()
    return {"system/gpu_0_memory_usage_megabytes": (total - free) / 1e6}


@contextmanager
def sampling(log: Log, root: Path) -> Iterator[None]:
    """Sample while the block runs. log: takes a reading and its number."""
    end = threading.Event()

    def work() -> None:
        pause, count = FIRST_SECONDS, 0
        sample(root)  # the first reading of the processor covers no time
        while not end.wait(pause):
            log(sample(root), count)
            pause, count = min(MOST_SECONDS, pause * GROWTH), count + 1
        log(sample(root), count)

    thread = threading.Thread(target=work, name="system-metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
