"""The motion network starts as the prior, crops consistently, saves and loads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from components.common.errors import UserError
from components.common.training.pretrained import CONFIG_FILE
from components.style_a.motion.condition import CONDITION
from components.style_a.motion.layers import still_grid
from components.style_a.motion.network import WEIGHTS_FILE, Crop, MotionConfig, MotionInput, MotionNetwork

SMALL = MotionConfig(size=64, widths=(8, 8, 8), style=8, code=8)


def tiny_input(batch: int, side: int, seed: int = 0) -> tuple[torch.Tensor, MotionInput]:
    generator = torch.Generator().manual_seed(seed)

    def noise(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    grid = still_grid(side // 2, torch.device("cpu")).expand(batch, -1, -1, -1)
    zeros = torch.zeros(batch, 4, side // 2, side // 2)
    return noise(batch, 3, side, side), MotionInput(grid, zeros, zeros, noise(batch, CONDITION))


def trained(seed: int = 1) -> MotionNetwork:
    """A network whose zero-initialized layers are filled, as training would."""
    torch.manual_seed(seed)
    network = MotionNetwork(SMALL)
    for layer in (network.flow_out, network.head):
        torch.nn.init.normal_(layer.weight, 0, 0.05)
    return network.eval()


def test_it_starts_as_the_prior() -> None:
    portrait, motion = tiny_input(2, 64)
    output = MotionNetwork(SMALL)(portrait, motion)
    assert torch.allclose(output.picture, portrait, atol=1e-4)
    assert not output.residual.any()


def test_demo_size_is_small() -> None:
    assert sum(p.numel() for p in MotionNetwork(MotionConfig()).parameters()) < 500_000


def test_a_crop_computes_the_same_pixels() -> None:
    portrait, motion = tiny_input(2, 64)
    network = trained()
    with torch.no_grad():
        whole = network(portrait, motion).picture
        crop = Crop((4, 8), (6, 2), 16)
        part = network(portrait, motion, crop).picture
    assert part.shape == (2, 3, 32, 32)
    inner = slice(12, -12)  # convolutions see zeros beyond the crop's border
    assert torch.allclose(part[..., inner, inner], crop(whole, 2)[..., inner, inner], atol=1e-4)


def test_residual_stays_within_reach() -> None:
    portrait, motion = tiny_input(1, 64)
    network = trained()
    torch.nn.init.normal_(network.flow_out.weight, 0, 50)
    with torch.no_grad():
        residual = network(portrait, motion).residual
    assert residual.abs().max() <= SMALL.reach
    assert residual.abs().max() > 0.5 * SMALL.reach


def test_coefficients_and_style_change_the_picture() -> None:
    portrait, motion = tiny_input(1, 64)
    network = trained()
    with torch.no_grad():
        first = network(portrait, motion).picture
        second = network(portrait, motion._replace(condition=motion.condition + 1)).picture
    assert (first - second).abs().max() > 1e-4


def test_saved_and_loaded(tmp_path: Path) -> None:
    network = trained()
    network.save_pretrained(tmp_path)
    again = MotionNetwork.from_pretrained(tmp_path)
    assert again.config == network.config
    portrait, motion = tiny_input(1, 64)
    with torch.no_grad():
        assert torch.equal(network(portrait, motion).picture, again(portrait, motion).picture)


def test_a_wrong_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        MotionNetwork.from_pretrained(tmp_path)
    trained().save_pretrained(tmp_path)
    (tmp_path / WEIGHTS_FILE).write_bytes(b"not a model")
    with pytest.raises(UserError):
        MotionNetwork.from_pretrained(tmp_path)
    (tmp_path / CONFIG_FILE).write_text('{"size": 64, "widths": [4, 4, 4]}')
    with pytest.raises(UserError):
        MotionNetwork.from_pretrained(tmp_path)
