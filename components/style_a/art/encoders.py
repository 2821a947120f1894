"""What the art model looks with: the style encoder E_s and the content encoder E_c of the paper.

Axes: B batch, C channels, H, W pixels, S learned part of the style code, K classes
(variants of styles).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.palette import PALETTE_SIZE

WIDTHS = (16, 24, 32, 48)
STEPS = (8.0, 40.0)  # gains at which pixel differences saturate: strong edges, any change at all
SHARPNESS = 1 / 0.3  # inverse temperature of the class mixture outside training
UNKNOWN = (0.7, 0.92)  # probability of "no art" from which an art picture is partly, wholly unknown
UNKNOWN_PAINTED = 0.65  # share of paint in a picture of no known style
PORTRAIT = 0  # class of a picture that is no art: "as photographed"


class StyleEncoder(nn.Module):
    """E_s: a picture of any size to its style code.

    The code begins with the shares of the known classes. The rest is their learned embeddings mixed by these shares,
    plus the palette as these classes read it, plus a bounded deviation of this very picture. Mixing sharply keeps art
    of a known style from being blended with its neighbors. A picture of no known style counts as painted.
    """

    feature_mean: Tensor
    feature_scale: Tensor

    def __init__(self, classes: int, style: int, painted: int) -> None:
        super().__init__()
        self.painted = painted
        inputs = 3 + 2 * len(STEPS)
        self.features = 2 * (inputs + sum(WIDTHS))
        layers = []
        for width in WIDTHS:
            layers.append(nn.Conv2d(inputs, width, 3, 2, 1))
            inputs = width
        self.layers = nn.ModuleList(layers)
        self.register_buffer("feature_mean", torch.zeros(self.features))
        self.register_buffer("feature_scale", torch.ones(self.features))
        self.hidden = nn.Sequential(nn.Linear(self.features, 96), nn.SiLU(), nn.Linear(96, style))
        self.classes = nn.Linear(style, classes + 1)
        self.embedding = nn.Parameter(0.5 * torch.randn(classes + 1, style))
        self.palette = nn.Parameter(torch.randn(classes + 1, PALETTE_SIZE, style) / PALETTE_SIZE)

    def describe(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1] -> (B, features): mean and log deviation of every layer (texture, not layout)."""
        luma = picture.mean(1, keepdim=True)
        across = functional.pad((luma[..., 1:] - luma[..., :-1]).abs(), (0, 1))
        down = functional.pad((luma[..., 1:, :] - luma[..., :-1, :]).abs(), (0, 0, 0, 1))
        # Flat inks, square cells and screens show in whether neighbors differ at all; a linear layer cannot tell.
        x = torch.cat([picture, *(torch.tanh(step * d) for step in STEPS for d in (across, down))], 1)
        statistics = [*_mean_and_deviation(x)]
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            statistics += _mean_and_deviation(x)
        return torch.cat(statistics, 1)

    @torch.no_grad()
    def calibrate(self, pictures: Tensor) -> None:
        """Standardize the features by those of typical pictures (B, 3, H, W), before training."""
        features = self.describe(pictures)
        self.feature_mean.copy_(features.mean(0))
        self.feature_scale.copy_(features.std(0).clamp_min(1e-3))

    def deviation(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, S): the picture's own raw code, from which its class is read."""
        raw: Tensor = self.hidden((self.describe(picture) - self.feature_mean) / self.feature_scale)
        return raw

    def logits(self, deviation: Tensor) -> Tensor:
        """(B, S) -> (B, 1 + K): no art, then the art classes."""
        scores: Tensor = self.classes(deviation)
        return scores

    def code(self, deviation: Tensor, palette: Tensor, label: Tensor | None = None) -> Tensor:
        """Style code (B, 1 + K + S). `label` (B,) forces a class: 0 the portrait, 1.. art; -1 leaves it open."""
        weights = self.shares(self.logits(deviation))  # (B, 1 + K)
        if label is not None:
            one_hot = functional.one_hot(label.clamp_min(0), len(self.embedding)).to(weights.dtype)
            weights = torch.where(label[:, None] >= 0, one_hot, weights)
        colors = torch.einsum("bk,kps,bp->bs", weights, self.palette, palette)
        return torch.cat([weights, weights @ self.embedding + colors + 0.3 * torch.tanh(deviation)], 1)

    def shares(self, logits: Tensor) -> Tensor:
        """Share of each class in the code: (B, 1 + K), the first always 0 since art is asked for."""
        if self.training:
            return functional.pad(torch.softmax(logits[:, 1:], 1), (1, 0))
        sharp = torch.softmax(logits[:, 1:] * SHARPNESS, 1)
        paint = functional.one_hot(torch.full_like(logits[:, 0], self.painted, dtype=torch.long), sharp.shape[1])
        share = UNKNOWN_PAINTED * novelty(logits)[:, None]
        return functional.pad(torch.lerp(sharp, paint.to(sharp.dtype), share), (1, 0))


def novelty(logits: Tensor) -> Tensor:
    """(B, 1 + K) -> (B,) in [0, 1]: how sure it is that a picture shows none of the known styles.

    Smooth paintings resemble photographs more than any procedural style, hence the class "as photographed" tells.
    """
    none = torch.softmax(logits, 1)[:, PORTRAIT]
    low, high = UNKNOWN
    return ((none - low) / (high - low)).clamp(0, 1)


def _mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, C, H, W) -> two of (B, C), the second as a logarithm. `Tensor.std` is much slower over these axes."""
    mean = x.mean((2, 3))
    variance = ((x * x).mean((2, 3)) - mean * mean).clamp_min(0)
    return mean, 0.5 * torch.log(variance + 1e-4)


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
