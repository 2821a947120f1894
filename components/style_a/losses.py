"""Losses of both phases of Style-A. Each function is one equation and returns a scalar.

Axes: B batch, C channels, H, W pixels. Pictures are (B, 3, H, W) in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURE_LAYERS = ((3, 24, 1), (24, 32, 2), (32, 48, 2))  # input channels, output channels, stride


class FrozenFeatures(nn.Module):
    """Random convolutional features that never learn: a perceptual space that needs no downloaded weights.

    Random features compare texture and local structure where plain L1 averages them away. The weights follow from
    `seed` alone and stay out of the state dict.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.strides = tuple(stride for _, _, stride in FEATURE_LAYERS)
        for index, (inputs, outputs, _) in enumerate(FEATURE_LAYERS):
            scale = (2.0 / (9 * inputs)) ** 0.5
            weight = torch.randn(outputs, inputs, 3, 3, generator=generator) * scale
            weight = weight.contiguous(memory_format=torch.channels_last)
            self.register_buffer(f"weight{index}", weight, persistent=False)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> features of each layer, finest first."""
        features = []
        x = picture
        for index, stride in enumerate(self.strides):
            x = functional.conv2d(x, getattr(self, f"weight{index}"), stride=stride, padding=1)
            x = functional.leaky_relu(x, 0.2)
            features.append(x)
        return features


def weighted_l1(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean absolute error; `weight` (B, 1, H, W) stresses regions such as mouth and lids."""
    error = (output - target).abs()
    return error.mean() if weight is None else (error * weight).mean()


def weighted_squares(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean squared error, what PSNR measures; `weight` as for `weighted_l1`."""
    return ((output - target).square() * weight).mean()


def gradient_loss(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """L1 between horizontal and vertical pixel differences: keeps lines and strokes that L1 alone blurs."""
    difference = output - target
    dy = (difference[..., 1:, :] - difference[..., :-1, :]).abs()
    dx = (difference[..., :, 1:] - difference[..., :, :-1]).abs()
    if weight is not None:
        dy, dx = dy * weight[..., 1:, :], dx * weight[..., :, 1:]
    return dy.mean() + dx.mean()


def perceptual_loss(output: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
    """Relative L1 between feature lists of `FrozenFeatures`, summed over layers."""
    terms = [(a - b).abs().mean() / (b.abs().mean() + 1e-3) for a, b in zip(output, target, strict=True)]
    return torch.stack(terms).sum()


def statistics_loss(output: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
    """Distance of channel means and deviations of two feature lists (Huang & Belongie 2017, eq. 13).

    For pictures that share a style but not their content: the lists may differ in height and width.
    """
    terms = []
    for a, b in zip(output, target, strict=True):
        scale = b.abs().mean() + 1e-3
        mean = (a.mean((2, 3)) - b.mean((2, 3))).abs().mean()
        deviation = (a.std((2, 3)) - b.std((2, 3))).abs().mean()
        terms.append((mean + deviation) / scale)
    return torch.stack(terms).sum()


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Non-saturating logistic loss of the discriminator (Goodfellow et al. 2014)."""
    return functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """Non-saturating logistic loss of the generator (Goodfellow et al. 2014)."""
    return functional.softplus(-fake_logits).mean()
