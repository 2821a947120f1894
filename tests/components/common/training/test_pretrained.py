"""A module on disk: the same bytes for the same module, one line for anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from components.common.errors import UserError
from components.common.training.pretrained import CONFIG_FILE, load_module, save_module

WEIGHTS_FILE = "weights.safetensors"


def build(config: dict[str, Any]) -> nn.Module:
    return nn.Sequential(nn.Linear(config["inputs"], 3), nn.BatchNorm1d(3))


def load(folder: Path) -> nn.Module:
    return load_module(folder, build, WEIGHTS_FILE, "a test model", "train_test")


@pytest.fixture
def module() -> nn.Module:
    torch.manual_seed(0)
    return build({"inputs": 2})


def test_saved_and_loaded(module: nn.Module, tmp_path: Path) -> None:
    save_module(tmp_path, {"inputs": 2}, module, WEIGHTS_FILE)
    again = load(tmp_path)
    assert not again.training
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
    assert sorted(path.name for path in tmp_path.iterdir()) == [CONFIG_FILE, WEIGHTS_FILE]


def test_equal_modules_give_equal_bytes_whatever_their_layout(tmp_path: Path) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(3, 4, 3)
    other = nn.Conv2d(3, 4, 3)
    other.load_state_dict(plain.state_dict())
    other.to(memory_format=torch.channels_last)
    for name, module in (("plain", plain), ("other", other)):
        save_module(tmp_path / name, {}, module, WEIGHTS_FILE)
    assert (tmp_path / "plain" / WEIGHTS_FILE).read_bytes() == (tmp_path / "other" / WEIGHTS_FILE).read_bytes()


@pytest.mark.parametrize("damage", ["no config", "no weights", "cut", "other config", "key", "value", "not finite"])
def test_what_cannot_be_loaded_is_named_in_one_line(module: nn.Module, tmp_path: Path, damage: str) -> None:
    save_module(tmp_path, {"inputs": 2}, module, WEIGHTS_FILE)
    config, weights = tmp_path / CONFIG_FILE, tmp_path / WEIGHTS_FILE
    if damage.startswith("no "):
        (config if damage == "no config" else weights).unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:60])
    elif damage == "not finite":
        weights.write_bytes(weights.read_bytes()[:-4] + b"\xff" * 4)
    else:
        config.write_text({"other config": '{"inputs": 5}', "key": "{}", "value": '{"inputs": "two"}'}[damage])
    with pytest.raises(UserError) as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    if damage != "no config":
        assert "a test model" in str(caught.value)
        assert "train_test" in str(caught.value)
