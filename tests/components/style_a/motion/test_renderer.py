"""The cached renderer gives the plain one's numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.network import Crop, MotionConfig, MotionInput, MotionNetwork
from components.style_a.motion.renderer import CachedRenderer, PlainRenderer


@pytest.fixture(scope="module")
def network() -> MotionNetwork:
    torch.manual_seed(1)
    network = MotionNetwork(MotionConfig(size=64, widths=(8, 8, 8), style=8, code=8))
    for layer in (network.flow_out, network.head):
        torch.nn.init.normal_(layer.weight, 0, 0.05)
    return network.eval()


@pytest.mark.parametrize("square", [Crop((0,), (0,), 32), Crop((8,), (4,), 16)])
def test_the_cached_renderer_equals_the_plain_one(network: MotionNetwork, sampler: PairSampler, square: Crop) -> None:
    batch = sampler.batch(0, 2, 0.0)
    frames = [MotionInput(*(tensor[k : k + 1] for tensor in batch.motion)) for k in range(2)]
    cached = CachedRenderer(network, batch.portrait[:1], square)
    plain = PlainRenderer(network, batch.portrait[:1], square)
    changes = []
    for frame in frames:
        (residual, change), (expected_residual, expected_change) = cached(frame), plain(frame)
        np.testing.assert_allclose(residual, expected_residual, atol=1e-5)
        np.testing.assert_allclose(change, expected_change, atol=1e-2)  # of 255 levels
        assert residual.shape == (16, 16, 2)
        assert change.shape == (2 * square.side, 2 * square.side, 3)
        changes.append(change)
    assert np.abs(changes[0] - changes[1]).max() > 0.1  # the frames differ
