"""Vectors of the texts that every training reads, kept per user: reading thousands takes longer than a toy training.

A file's name says which encoder, on which arithmetic, read which texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from components.common.artifacts import load_arrays, save_arrays
from components.common.errors import UserError
from components.common.machine.places import cache_folder
from components.style_e.text_encoder import TextEncoder

Read = Callable[[Sequence[str]], NDArray[np.float32]]


def cache_path(encoder: TextEncoder, texts: Sequence[str]) -> Path:
    """Where the vectors of these texts, in this order, are kept."""
    digest = hashlib.sha256(encoder.identity.encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    return cache_folder() / f"texts-{digest.hexdigest()[:16]}.safetensors"


def remembered(encoder: TextEncoder, texts: Sequence[str], read: Read) -> NDArray[np.float32]:
    """(N, D) vectors, from the cache or read by `read` and kept. An encoder without an identity is asked each time."""
    if not encoder.identity:
        return read(texts)
    path = cache_path(encoder, texts)
    with suppress(UserError):  # missing or damaged: it is made anew
        vectors = load_arrays(path, ["vectors"])[0]["vectors"]
        if vectors.shape == (len(texts), encoder.size) and vectors.dtype == np.float32 and np.isfinite(vectors).all():
            return np.asarray(vectors)
    vectors = read(texts)
    with suppress(OSError, SafetensorError):  # a full disk only costs the next training the same seconds
        save_arrays(path, {"vectors": vectors})
    return vectors
