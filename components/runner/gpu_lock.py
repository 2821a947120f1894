"""One training at a time on one GPU, whoever started it: a flow, a sweep's worker or a bare `dvc repro`.

A slot is a file that one process holds locked; the kernel frees it when the holder dies, however it dies. Slots live in
the system's temporary folder, or in `STYLE2TALKER_SLOTS` (a folder that every user and container of a machine shares).
On the CPU trainings may run side by side, unless `STYLE2TALKER_CPU_SLOT=1` asks for turns there too.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from components.common.locks import lock
from components.common.runtime import pick_device


def slot_name(wanted: str) -> str:
    """The slot of the device that `runtime.device` stands for; "" where trainings need none."""
    device = pick_device(wanted)
    if device.type == "cuda":
        import torch

        # The number of a GPU depends on CUDA_VISIBLE_DEVICES; its UUID does not.
        return f"gpu-{torch.cuda.get_device_properties(device).uuid}"
    return "cpu" if os.environ.get("STYLE2TALKER_CPU_SLOT", "0") == "1" else ""


def slot_file(name: str) -> Path:
    """Where the lock of a slot lives."""
    return Path(os.environ.get("STYLE2TALKER_SLOTS") or tempfile.gettempdir()) / f"style2talker-{name}.lock"


@contextmanager
def training_slot(wanted: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the slot of the device `wanted` for the block; waits for another training and says so once."""
    name = slot_name(wanted)
    if not name:
        yield
        return
    path = slot_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(_open(path), closefd=True) as slot:
        lock(slot, lambda: say(f"waiting for {name}: another training is at work there ({path})"))
        yield


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except PermissionError:  # another user's file in a sticky folder may not be opened for creation, but it may be read
        return os.open(path, os.O_RDONLY)
