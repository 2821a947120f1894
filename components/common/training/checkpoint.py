"""Resumable training state: tensors and numbers under a key that names exactly one training.

The key hashes code, parameters and inputs, so state of another training is never picked up. State lives outside DVC's
outputs (DVC deletes those before a stage runs) and is removed when the training ends.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from components.common.artifacts import atomic
from components.common.environment import CHECKPOINTS
from components.common.progress import console

if TYPE_CHECKING:
    from torch import Tensor

_NUMBERS = "numbers"


def training_key(identity: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """A name for one training: a hash of all that decides its bytes, as JSON.

    identity: what it shares with the other trainings of its stage, from `training_identity`: code, inputs, machine.
    values: its own parameters, and hashes (`array_hash`) of what else it learns from.
    """
    whole = json.dumps([dict(identity), dict(values)], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def array_hash(arrays: Iterable[NDArray[Any]]) -> str:
    """A hash of arrays in their order: kinds, shapes and values, so that none can take from its neighbor."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(json.dumps([array.dtype.str, array.shape]).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


class Checkpoint:
    """One file of tensors and numbers, replaced as a whole; a damaged file counts as none.

    folder: where checkpoints live (`STYLE2TALKER_CHECKPOINTS` overrides it, for a disk that outlives the workspace).
    key: from `training_key`.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = CHECKPOINTS.read(folder) / key
        self.path = self.folder / "state.safetensors"

    def save(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Replace the state. `numbers` must be JSON."""
        from safetensors.torch import save_file

        contiguous = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
        with atomic(self.path) as temporary:
            save_file(contiguous, str(temporary), metadata={_NUMBERS: json.dumps(dict(numbers))})

    def load(self, names: Iterable[str] = ()) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The last saved (tensors, numbers), or None when there is none that can be read; says which.

        names: tensors without which the file counts as damaged: it was written by another version of the training.
        """
        from safetensors import safe_open

        if not self.path.is_file():
            return None
        try:
            with safe_open(str(self.path), framework="pt") as stored:
                tensors = {name: stored.get_tensor(name) for name in {*stored.keys(), *names}}
                numbers = json.loads((stored.metadata() or {})[_NUMBERS])
        except (SafetensorError, KeyError, ValueError) as error:
            _say(f"{self.path} is damaged ({type(error).__name__}); the training starts from the beginning")
            return None
        _say(f"resumed from the checkpoint of step {numbers.get('step', '?')}: {self.path}")
        return tensors, numbers

    def clear(self) -> None:
        """Forget the state: the training has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


def pack_optimizer(optimizer: Any) -> dict[str, Tensor]:
    """The tensors of a torch optimizer's state, named `<parameter index>.<state>`."""
    import torch

    return {
        f"{index}.{name}": value if torch.is_tensor(value) else torch.tensor(float(value))
        for index, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def unpack_optimizer(optimizer: Any, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `pack_optimizer` took."""
    stored = optimizer.state_dict()
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    stored["state"] = state
    optimizer.load_state_dict(stored)


def pack_parts(parts: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Tensors of several parts in one namespace, named `<part>/<name>`."""
    return {f"{part}/{name}": tensor for part, tensors in parts.items() for name, tensor in tensors.items()}


def unpack_part(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """One part of what `pack_parts` made, under its own names."""
    prefix = f"{part}/"
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
