"""Modulation equals its definition; a pixelwise layer its convolution; the residual block leaves art nearly alone."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from components.style_a.art.modulation import ModRes, ModulatedConv, pointwise


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("demodulate", [True, False])
def test_modulation_equals_its_definition(kernel: int, demodulate: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedConv(5, 7, 4, kernel, demodulate)
    x, code = torch.randn(3, 5, 9, 9), torch.randn(3, 4)
    got = layer(x, code)
    for b in range(3):
        weight = layer.weight * layer.scale(code)[b][None, :, None, None]
        if demodulate:
            weight = 2**0.5 * weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-6).sqrt()
        want = functional.conv2d(x[b : b + 1], weight, padding=kernel // 2) + layer.shift(code)[b][None, :, None, None]
        torch.testing.assert_close(got[b : b + 1], want, rtol=1e-4, atol=1e-4)


def test_pointwise_is_a_convolution_of_each_picture_alone() -> None:
    torch.manual_seed(1)
    x, weight, shift = torch.randn(2, 4, 5, 6), torch.randn(2, 3, 4), torch.randn(2, 3)
    for layout in (torch.contiguous_format, torch.channels_last):
        got = pointwise(x.contiguous(memory_format=layout), weight, shift)
        for b in range(2):
            want = functional.conv2d(x[b : b + 1], weight[b, :, :, None, None], shift[b])
            torch.testing.assert_close(got[b : b + 1], want, rtol=1e-4, atol=1e-5)


def test_the_residual_block_starts_near_the_art_code_and_reads_the_portrait() -> None:
    torch.manual_seed(2)
    block, art = ModRes(12), torch.randn(4, 12)
    first, second = block(art, torch.randn(4, 12)), block(art, torch.randn(4, 12))
    assert (first - art).norm() < 0.5 * art.norm()
    assert (first - second).abs().max() > 1e-3
