"""Seeds, threads and devices: what makes two runs on one machine give the same bytes."""

from __future__ import annotations

import os
import random
import threading
import zlib
from typing import TYPE_CHECKING

import numpy as np

from components.common.errors import UserError

if TYPE_CHECKING:
    import torch


# Held while diffusers or transformers load a model: meanwhile they change torch for the whole process (initial values
# are skipped, progress bars are off), so that a second model loaded beside would be left half made.
LOADING = threading.RLock()


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


def settle_thread() -> None:
    """What `seed_everything` sets for its own thread alone, in another one: no subnormal numbers, one thread of torch.

    A thread that computes without it may answer other bytes than the main one.
    """
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def derive(*parts: object) -> int:
    """A seed of 32 bits from anything printable. Not `hash()`: that one differs between processes."""
    return zlib.crc32(repr(parts).encode())


def pick_device(name: str) -> torch.device:
    """The device to compute on, from `runtime.device`: "auto", "cpu" or "cuda".

    Raises `UserError` for `cuda` on a machine without one: never a silent fall-back.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("runtime.device is cuda, but torch sees no GPU; set it to auto or cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
