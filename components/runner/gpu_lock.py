"""One training at a time on one GPU, whoever started it: a flow, a sweep's worker or a bare `dvc repro`.

A device has a file that its training holds locked; the kernel frees it when the holder dies, however it dies. The files
lie in the system's temporary folder, or in `STYLE2TALKER_SLOTS` (a folder that every user and container of a machine
shares). On the CPU trainings may run side by side, unless `STYLE2TALKER_CPU_SLOT=on` asks for turns there too.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from components.common.environment import CPU_SLOT, SLOTS
from components.common.errors import UserError
from components.common.locks import lock
from components.common.runtime import pick_device


def lock_name(device_name: str) -> str:
    """The name of the device that `runtime.device` stands for; "" where trainings need no lock."""
    device = pick_device(device_name)
    if device.type == "cuda":
        import torch

        # The number of a GPU depends on CUDA_VISIBLE_DEVICES; its UUID does not.
        return f"gpu-{torch.cuda.get_device_properties(device).uuid}"
    return "cpu" if CPU_SLOT.read() else ""


def lock_path(name: str) -> Path:
    """The file that stands for a device."""
    return SLOTS.read(Path(tempfile.gettempdir())) / f"style2talker-{name}.lock"


@contextmanager
def gpu_lock(device_name: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the device for the block; while another training holds it, say so once and wait.

    device_name: as in `runtime.device`. Raises `UserError` for a GPU that is not there.
    """
    name = lock_name(device_name)
    if not name:
        yield
        return
    path = lock_path(name)
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o1777)  # for all users, as the system's temporary folder is
    with open(_open(path), closefd=True) as stream:
        lock(stream, lambda: on_wait(f"waiting for {name}: another training is at work there ({path})"))
        yield


def _open(path: Path) -> int:
    """The lock's file, made so that every user of the machine may hold it, whatever this one's umask."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except PermissionError:  # another user's file in a sticky folder may not be opened for creation, but it may be read
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise UserError(
                f"{path} is another user's and cannot be read; ask for `chmod a+r` or set {SLOTS.name}"
            ) from error
    if os.fstat(descriptor).st_uid == os.getuid():
        os.fchmod(descriptor, 0o644)
    return descriptor
