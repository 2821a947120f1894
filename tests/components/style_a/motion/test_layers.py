"""Building blocks of the motion network: grids that stand still, crops, codes that scale and shift."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from components.style_a.motion.layers import (
    FilmConv,
    PortraitStyleEncoder,
    conv3,
    crop_squares,
    enlarge_grid,
    halve,
    sample,
    still_grid,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize("side", [4, 10])
def test_the_still_grid_shows_the_picture(side: int) -> None:
    picture = torch.rand(1, 3, side, side)
    torch.testing.assert_close(sample(picture, still_grid(side, CPU)), picture, rtol=0, atol=1e-5)
    torch.testing.assert_close(enlarge_grid(still_grid(side, CPU)), still_grid(2 * side, CPU), rtol=0, atol=1e-6)


def test_an_enlarged_grid_keeps_its_displacement() -> None:
    moved = still_grid(8, CPU) + torch.tensor([0.25, -0.1])[None, :, None, None]
    shift = enlarge_grid(moved) - still_grid(16, CPU)
    torch.testing.assert_close(shift, torch.tensor([0.25, -0.1])[None, :, None, None].expand(1, 2, 16, 16))


def test_a_grid_moves_and_reflects() -> None:
    picture = torch.arange(8.0).repeat(8, 1)[None, None]
    shifted = sample(picture, still_grid(8, CPU) + torch.tensor([2 / 8, 0.0])[None, :, None, None])
    torch.testing.assert_close(shifted[0, 0, 0], torch.tensor([1.0, 2, 3, 4, 5, 6, 7, 7]))


def test_squares_are_cut_at_any_resolution() -> None:
    picture = torch.arange(64.0).view(1, 1, 8, 8).repeat(2, 1, 1, 1)
    cut = crop_squares(picture, (2, 4), (0, 2), 2, 1.0)
    assert cut[:, 0, 0, 0].tolist() == [16, 34]
    assert crop_squares(picture, (1, 2), (0, 1), 2, 2.0).shape == (2, 1, 4, 4)
    assert crop_squares(picture, (2, 4), (0, 2), 2, 0.5)[:, 0].tolist() == [[[8]], [[17]]]


def test_a_code_scales_and_shifts_its_channels() -> None:
    torch.manual_seed(0)
    layer, x = FilmConv(3, 2, 4), torch.randn(2, 3, 6, 6)
    plain = layer.conv(x)
    with torch.no_grad():
        layer.film.weight.zero_()
        layer.film.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 5.0]))  # scales, then shifts
    expected = functional.leaky_relu(torch.stack([2 * plain[:, 0], plain[:, 1] + 5], 1), 0.2)
    torch.testing.assert_close(layer(x, torch.randn(2, 4)), expected)


def test_the_style_code_forgets_where_things_are() -> None:
    torch.manual_seed(1)
    encoder = PortraitStyleEncoder(6).eval()
    picture = torch.rand(1, 3, 64, 64)
    codes = [encoder(p) for p in (picture, picture.roll((16, 32), (2, 3)), picture * 0.5)]
    assert codes[0].shape == (1, 6)
    assert (codes[1] - codes[0]).norm() < 0.1 * (codes[2] - codes[0]).norm()


def test_sizes() -> None:
    assert conv3(3, 5, stride=2)(torch.zeros(1, 3, 8, 8)).shape == (1, 5, 4, 4)
    assert not conv3(3, 5).bias.any()
    torch.testing.assert_close(halve(torch.tensor([[[[1.0, 3], [5, 7]]]])), torch.tensor([[[[4.0]]]]))
