"""Seeds, threads and devices: what makes two runs on one machine give the same bytes. And no orphans."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import signal
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

from components.common.errors import UserError

if TYPE_CHECKING:
    import torch

PR_SET_PDEATHSIG = 1


def pin_threads() -> None:
    """One thread for the small matrix products of numpy and OpenCV; must run before they are first imported to count.

    Two BLAS threads that share a busy machine spin at barriers and run several times slower than one.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def seed_everything(seed: int, threads: int = 1) -> None:
    """Seed Python, numpy and torch; make torch deterministic and single-purpose threaded."""
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 (libraries still draw from the global state)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True, warn_only=True)


def pick_device(wanted: str) -> torch.device:
    """The device to compute on. `cuda` on a machine without one is an error, never a silent fall-back."""
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError("runtime.device is cuda, but torch sees no GPU; set it to auto or cpu")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def signal_on_parents_death() -> None:
    """Ask the kernel to end this process when its parent dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def die_with_parent() -> None:
    """End this process when its parent dies, however it dies: no orphan trains on after `dvc` was killed.

    A worker of a process pool also watches the process that made the pool, which need not be its parent: a fork server
    may stand between.
    """
    signal_on_parents_death()
    maker = multiprocessing.parent_process()
    if maker is not None:
        threading.Thread(target=_end_after, args=(maker,), daemon=True).start()
    # `dvc` may have died before the kernel was asked. Its stages share its process group; a foster parent does not.
    elif "DVC_STAGE" in os.environ and os.getpgid(os.getppid()) != os.getpgid(0):
        os.kill(os.getpid(), signal.SIGTERM)


def _end_after(maker: multiprocessing.process.BaseProcess) -> None:
    maker.join()
    os.kill(os.getpid(), signal.SIGTERM)
