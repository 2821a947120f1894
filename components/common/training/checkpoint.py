"""Resumable training state: tensors and numbers under a key that names exactly one training.

The key hashes parameters and input files, so state of another training is never picked up. State lives outside DVC's
outputs (DVC deletes those before a stage runs) and is removed when the training ends.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from components.common.artifacts import atomic
from components.common.environment import CHECKPOINTS
from components.common.progress import console

if TYPE_CHECKING:
    from torch import Tensor

_NUMBERS = "numbers"


def training_key(params: Mapping[str, Any], inputs: Iterable[Path] = ()) -> str:
    """A name for one training: hash of its parameters and of the bytes of its input files (folders recursively)."""
    digest = hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode())
    for given in inputs:
        files = sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]
        for path in files:
            digest.update(path.relative_to(given).as_posix().encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


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
