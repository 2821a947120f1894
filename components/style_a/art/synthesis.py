"""The art generator: brushes mixed by the style code, coarse to fine, with content fused in by masks.

Everything with a receptive field runs on a grid of fixed size (the picture at `GRID` pixels); at the picture's own
resolution all layers are pointwise. So a model trained at 256 draws the same strokes at 1024, only sharper.

Axes: B batch, C channels, H, W pixels, S style code, K classes (variants of styles).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.encoders import PORTRAIT, ContentEncoder, StyleEncoder
from components.style_a.art.modulation import ModRes, ModulatedConv, pointwise
from components.style_a.art.style_corpus import Batch

GRID = 256  # shorter side, pixels, at which layers with a receptive field see the picture


@dataclass(frozen=True)
class ArtConfig:
    """Size of the art model, as stored in its config.json."""

    styles: tuple[str, ...]
    variants: int = 3  # classes of each style: its palettes
    code: int = 56
    painted: str = "oil"  # what a picture of no known style is taken for
    half_width: int = 24
    quarter_width: int = 32
    full_width: int = 32

    @property
    def code_size(self) -> int:
        """Length of a whole style code: shares of "as photographed" and of the classes, then the learned part."""
        return 1 + self.classes + self.code

    @property
    def classes(self) -> int:
        """What the style encoder tells apart: every variant of every style."""
        return len(self.styles) * self.variants

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "styles": list(self.styles)}


class FusionMask(nn.Module):
    """Per-pixel choice between content skip and synthesized feature (the paper's fusion mask)."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.mask = ModulatedConv(2 * width, 1, style, 1, demodulate=False)

    def forward(self, synthesized: Tensor, content: Tensor, code: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, C, H, W) features -> their mixture and the content's share (B, 1, H, W)."""
        mask = torch.sigmoid(self.mask(torch.cat([synthesized, content], 1), code))
        return torch.lerp(synthesized, content, mask), mask


class Synthesis(nn.Module):
    """StyleGAN2-type synthesis over the brush bank: modulated convolutions at 1/4 and 1/2, pointwise at full size."""

    def __init__(self, config: ArtConfig) -> None:
        super().__init__()
        style, half, quarter, full = config.code_size, config.half_width, config.quarter_width, config.full_width
        self.coarse = ModulatedConv(quarter, quarter, style, 3)
        self.fuse_quarter = FusionMask(quarter, style)
        self.to_half = ModulatedConv(quarter, half, style, 3)
        self.fuse_half = FusionMask(half, style)
        self.brush = ModulatedConv(BRUSHES + half, full, style, 1)
        self.blend = ModulatedConv(full, full, style, 1)
        self.to_rgb = ModulatedConv(full, 3, style, 1, demodulate=False)
        nn.init.normal_(self.to_rgb.weight, 0, 0.02)
        # Linear part: each output color is a mix of all brushes and a constant; it starts as "the picture itself".
        self.mix = nn.Linear(style, 3 * (BRUSHES + 1), bias=False)
        self.set_mixes(torch.eye(3, BRUSHES + 1).repeat(1 + config.classes, 1, 1))

    @torch.no_grad()
    def set_mixes(self, mixes: Tensor) -> None:
        """Start each class, "no art" first, from its own mix: (1 + K, 3, BRUSHES + 1), the last a constant."""
        nn.init.normal_(self.mix.weight, 0, 0.003)
        self.mix.weight[:, : len(mixes)] = mixes.flatten(1).T

    def guide(self, half: Tensor, quarter: Tensor, code: Tensor) -> tuple[Tensor, Tensor]:
        """Content skips -> guidance (B, C, H/2, W/2) and the mean fusion mask (a scalar, for its penalty)."""
        x = functional.leaky_relu(self.coarse(quarter, code), 0.2)
        x, first = self.fuse_quarter(x, quarter, code)
        x = functional.leaky_relu(self.to_half(x, code), 0.2)
        x = functional.interpolate(x, size=half.shape[-2:], mode="bilinear", align_corners=False)
        x, second = self.fuse_half(x, half, code)
        return x, (first.mean() + second.mean()) / 2

    def draw(self, bank: Tensor, guidance: Tensor, code: Tensor) -> Tensor:
        """Bank (B, BRUSHES, H, W) and guidance at any lower resolution -> picture (B, 3, H, W), about [-1, 1]."""
        guidance = functional.interpolate(guidance, size=bank.shape[-2:], mode="bilinear", align_corners=False)
        x = functional.leaky_relu(self.brush(torch.cat([bank, guidance], 1), code), 0.2)
        x = functional.leaky_relu(self.blend(x, code), 0.2)
        mix = self.mix(code).view(-1, 3, BRUSHES + 1)
        picture: Tensor = pointwise(bank, mix[..., :-1], mix[..., -1]) + self.to_rgb(x, code)
        return picture


class ArtGenerator(nn.Module):
    """Portrait (as brush bank) + style codes + degree -> stylized portrait."""

    def __init__(self, config: ArtConfig) -> None:
        super().__init__()
        self.config = config
        painted = (config.styles.index(config.painted) + 1) * config.variants - 1
        self.style_encoder = StyleEncoder(config.classes, config.code, painted)
        self.style_path = nn.ModuleList([ModRes(config.code_size), ModRes(config.code_size)])
        self.content_encoder = ContentEncoder((config.half_width, config.quarter_width))
        self.synthesis = Synthesis(config)

    def portrait_code(self, portrait: Tensor, palette: Tensor) -> Tensor:
        """w_i (B, S): the portrait's own style."""
        label = torch.full((len(portrait),), PORTRAIT, device=portrait.device)
        return self.style_encoder.code(self.style_encoder.deviation(portrait), palette, label)

    def interpolate(self, portrait_code: Tensor, art_code: Tensor, degree: Tensor) -> Tensor:
        """The code at style degree d_s: w_i at 0, ModRes(w_s | w_i) at 1. Codes (B, S), degree (B, 1)."""
        code = art_code
        for block in self.style_path:
            code = block(code, portrait_code)
        return torch.lerp(portrait_code, code, degree)

    def paint(self, bank: Tensor, code: Tensor) -> tuple[Tensor, Tensor]:
        """Bank (B, BRUSHES, H, W) in [-1, 1], code (B, S) -> picture (B, 3, H, W) and the mean fusion mask."""
        half, quarter = self.content_encoder(to_grid(bank))
        guidance, mask = self.synthesis.guide(half, quarter, code)
        return self.synthesis.draw(bank, guidance, code), mask

    def forward(self, samples: Batch, views: Tensor, is_taught: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A training step's pictures (B, 3, H, W), mean fusion mask, and logits (2 B + V, 1 + K).

        views: (V, 3, h, w) further art pictures; is_taught: (B,) bool, the class of the sample's art is given to E_s.
        The logits are those of the portraits, of their art and of the further art, in this order.
        """
        encoder, count = self.style_encoder, len(is_taught)
        # One pass of E_s over the portraits, their art, and more art to learn the classes from.
        raw = encoder.deviation(torch.cat([samples.portrait_view, samples.art_view, views]))
        portrait_class = torch.full_like(samples.label, PORTRAIT)
        portrait_code = encoder.code(raw[:count], samples.portrait_palette, portrait_class)
        art_class = torch.where(is_taught, samples.art_label, torch.full_like(samples.label, -1))
        art_code = encoder.code(raw[count : 2 * count], samples.art_palette, art_class)
        picture, mask = self.paint(samples.bank, self.interpolate(portrait_code, art_code, samples.degree))
        return picture.contiguous(memory_format=torch.channels_last), mask, encoder.logits(raw)


def to_grid(bank: Tensor) -> Tensor:
    """A bank larger than the grid, averaged down to it; smaller ones (training crops) as they are."""
    height, width = bank.shape[-2:]
    factor = GRID / min(height, width)
    if factor >= 1:
        return bank
    size = (round(height * factor), round(width * factor))
    return functional.interpolate(bank, size=size, mode="area")
