"""PatchDiscriminator: does this patch look drawn in this style?

Axes: B batch, C channels, H, W pixels, K classes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class PatchDiscriminator(nn.Module):
    """Small convolutional critic with class projection (Miyato & Koyama 2018); one logit per patch of 22 pixels."""

    def __init__(self, classes: int, widths: tuple[int, int, int] = (16, 32, 48)) -> None:
        super().__init__()
        first, second, third = widths
        self.first = nn.Conv2d(3, first, 4, 2, 1)
        self.second = nn.Conv2d(first, second, 4, 2, 1)
        self.third = nn.Conv2d(second, third, 3, 1, 1)
        self.score = nn.Conv2d(third, 1, 1)
        self.projection = nn.Embedding(classes, third)
        nn.init.normal_(self.projection.weight, 0, 0.02)

    def forward(self, picture: Tensor, label: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1], label (B,) -> logits (B, 1, H/4, W/4)."""
        x = functional.leaky_relu(self.first(picture), 0.2)
        x = functional.leaky_relu(self.second(x), 0.2)
        x = functional.leaky_relu(self.third(x), 0.2)
        projected = torch.einsum("bchw,bc->bhw", x, self.projection(label))[:, None]
        logits: Tensor = self.score(x) + projected / math.sqrt(x.shape[1])
        return logits
