"""A torch module on disk: its configuration as `config.json`, its parameters and buffers as one safetensors file.

For modules that are not diffusers' own; numpy models use `components.common.artifacts.save_arrays` directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from components.common.artifacts import atomic, read_json, write_json
from components.common.errors import translated

if TYPE_CHECKING:
    from torch import nn

CONFIG_FILE = "config.json"
ModuleT = TypeVar("ModuleT", bound="nn.Module")


def save_module(folder: Path, config: Mapping[str, Any], module: nn.Module, weights_file: str) -> None:
    """Write both files; equal modules give equal bytes, on whatever device they are."""
    from safetensors.torch import save_file

    write_json(folder / CONFIG_FILE, config)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with atomic(folder / weights_file) as temporary:
        save_file(tensors, str(temporary))


def load_module(
    folder: Path, build: Callable[[dict[str, Any]], ModuleT], weights_file: str, what: str, stage: str
) -> ModuleT:
    """The module that `build` makes of the configuration, with the stored weights, for evaluation.

    what, stage: the model and who makes it, for the `UserError` when `folder` lacks it or holds another version.
    """
    from safetensors.torch import load_file

    config = read_json(folder / CONFIG_FILE)
    with translated(f"{folder} is damaged or not {what} of this version; run `dvc repro {stage}`"):
        module = build(config)
        weights = load_file(str(folder / weights_file))
        if not all(bool(values.isfinite().all()) for values in weights.values()):
            raise ValueError("weights that are no finite numbers")
        module.load_state_dict(weights)
    return module.eval()
