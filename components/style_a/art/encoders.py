"""What the art model looks with: the style encoder E_s and the content encoder E_c of the paper.

Axes: B batch, C channels, H, W pixels, S style code, K styles.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.palette import PALETTE_SIZE

WIDTHS = (16, 24, 32, 48)
SHARPNESS = 1 / 0.3  # inverse temperature of the class mixture outside training
PORTRAIT = 0  # row of the class embedding that means "as photographed"


class StyleEncoder(nn.Module):
    """E_s: a picture of any size to its style code.

    The code is the mixture of learned class embeddings by the recognized style, plus a bounded deviation of this very
    picture, plus its palette. Mixing sharply keeps an art picture of a known style from being blended with neighbors;
    a picture unlike all of them falls between.
    """

    def __init__(self, styles: int, style: int) -> None:
        super().__init__()
        inputs = 3
        layers = []
        for width in WIDTHS:
            layers.append(nn.Conv2d(inputs, width, 3, 2, 1))
            inputs = width
        self.layers = nn.ModuleList(layers)
        self.features = 2 * (3 + sum(WIDTHS))
        self.hidden = nn.Sequential(nn.Linear(self.features, 96), nn.SiLU(), nn.Linear(96, style))
        self.classes = nn.Linear(style, styles)
        self.embedding = nn.Parameter(0.5 * torch.randn(styles + 1, style))
        self.palette = nn.Linear(PALETTE_SIZE, style)

    def describe(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1] -> (B, features): mean and deviation of every layer (texture, not layout)."""
        x = picture
        statistics = [*_mean_and_deviation(x)]
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            statistics += _mean_and_deviation(x)
        return torch.cat(statistics, 1)

    def deviation(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, S): the picture's own raw code, from which its class is read."""
        return self.hidden(self.describe(picture))

    def logits(self, deviation: Tensor) -> Tensor:
        """(B, S) -> (B, K): which art style."""
        return self.classes(deviation)

    def code(self, deviation: Tensor, palette: Tensor, label: Tensor | None = None) -> Tensor:
        """Style code (B, S). `label` (B,) forces the class: 0 the portrait, 1.. the art styles; -1 leaves it open."""
        sharpness = 1.0 if self.training else SHARPNESS
        mixture = torch.softmax(self.logits(deviation) * sharpness, 1) @ self.embedding[1:]
        if label is not None:
            known = self.embedding[label.clamp_min(0)]
            mixture = torch.where(label[:, None] >= 0, known, mixture)
        return mixture + 0.3 * torch.tanh(deviation) + self.palette(palette)


def _mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, C, H, W) -> two of (B, C). `Tensor.std` is several times slower over these axes."""
    mean = x.mean((2, 3))
    return mean, ((x * x).mean((2, 3)) - mean * mean).clamp_min(0).add(1e-6).sqrt()


class ContentEncoder(nn.Module):
    """E_c: the brush bank to features at 1/2 and 1/4 of its size, the skips into the synthesis."""

    def __init__(self, widths: tuple[int, int]) -> None:
        super().__init__()
        half, quarter = widths
        self.to_half = nn.Conv2d(BRUSHES, half, 3, 2, 1)
        self.to_quarter = nn.Conv2d(half, quarter, 3, 2, 1)

    def forward(self, bank: Tensor) -> tuple[Tensor, Tensor]:
        """(B, BRUSHES, H, W) in [-1, 1] -> (B, C, H/2, W/2), (B, C', H/4, W/4)."""
        half = functional.leaky_relu(self.to_half(bank), 0.2)
        return half, functional.leaky_relu(self.to_quarter(half), 0.2)
