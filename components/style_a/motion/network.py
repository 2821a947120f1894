"""The learned part of the motion: corrects the prior's flow, then repairs the warped picture.

content encoder -> flow corrector and occlusion -> features warped at three scales -> modulated refinement, as in
Style2Talker's second stage (motion generator and refinement network), at a size that a CPU trains in minutes.

Axes: B batch, S side of the portrait, n = S / 2 side of the prior's grid. Pictures are in [-1, 1]; sampling grids in
[-1, 1] with x first, as `grid_sample` wants them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from components.common.training.pretrained import load_module, save_module
from components.style_a.motion.condition import CONDITION
from components.style_a.motion.layers import (
    FilmConv,
    PortraitStyleEncoder,
    conv3,
    crop_squares,
    enlarge,
    enlarge_grid,
    halve,
    sample,
    still_grid,
)
from components.style_a.motion.prior import CLASSES

WEIGHTS_FILE = "network.safetensors"
MOUTH = 4  # channels of the mouth picture: color times alpha, alpha


@dataclass(frozen=True)
class MotionConfig:
    """size: portrait side; widths: channels at S/2, S/4, S/8; reach: largest flow correction in half picture sides."""

    size: int = 256
    prior: str = "mesh"
    widths: tuple[int, int, int] = (24, 40, 64)
    style: int = 64
    code: int = 48
    reach: float = 0.06


class Content(NamedTuple):
    """What depends on the portrait alone: features at n, n/2 and n/4, the picture at n/2, the style code (B, Z)."""

    fine: Tensor
    middle: Tensor
    coarse: Tensor
    small: Tensor
    style: Tensor


class MotionInput(NamedTuple):
    """What changes with the frame: the prior's grid (B, 2, n, n), surface classes (B, 4, n, n) one-hot, mouth
    (B, 4, n, n) and condition (B, 110)."""

    grid: Tensor
    classes: Tensor
    mouth: Tensor
    condition: Tensor


class Crop(NamedTuple):
    """Squares of `side` grid cells, one per sample, whose full-resolution part alone is computed in training."""

    tops: tuple[int, ...]
    lefts: tuple[int, ...]
    side: int

    def __call__(self, tensor: Tensor, zoom: float = 1.0) -> Tensor:
        """The squares of a tensor whose resolution is `zoom` times the grid's."""
        return crop_squares(tensor, self.tops, self.lefts, self.side, zoom)


class MotionOutput(NamedTuple):
    """picture: (B, 3, S, S); warped: the same before refinement; residual: (B, 2, n/2, n/2) correction of the grid."""

    picture: Tensor
    warped: Tensor
    residual: Tensor


class MotionNetwork(nn.Module):
    """picture = warped * (1 + gate) + bias; gate, bias and flow correction start at zero, so it starts as the prior."""

    def __init__(self, config: MotionConfig) -> None:
        super().__init__()
        self.config = config
        fine, middle, coarse = config.widths
        hidden = 40
        self.style = PortraitStyleEncoder(config.style)
        self.code = nn.Sequential(nn.Linear(CONDITION, 64), nn.SiLU(), nn.Linear(64, config.code))
        self.encode_fine = conv3(12, fine)
        self.encode_middle = conv3(fine, middle, stride=2)
        self.encode_coarse = conv3(middle, coarse, stride=2)
        self.encode_more = conv3(coarse, coarse)
        # Flow corrector: warped picture, picture, mouth, displacement, classes.
        self.flow_in = conv3(3 + 3 + MOUTH + 2 + CLASSES, 24)
        self.flow_down = conv3(24, hidden, stride=2)
        self.flow_a = FilmConv(hidden, hidden, config.code)
        self.flow_b = FilmConv(hidden, hidden, config.code)
        self.flow_up = conv3(hidden + 24, 24)
        self.flow_out = conv3(24, 3)
        both = config.style + config.code
        self.refine_coarse = FilmConv(coarse + MOUTH, coarse, both)
        self.refine_coarse_out = FilmConv(coarse, middle, both)
        self.refine_middle = FilmConv(2 * middle + MOUTH, middle, both)
        self.refine_middle_out = FilmConv(middle, fine, both)
        self.refine_fine = FilmConv(2 * fine + 12 + MOUTH + 1, fine + 8, both)
        self.refine_fine_out = FilmConv(fine + 8, fine + 8, both)
        self.head = conv3(fine + 8, 24)
        for layer in (self.flow_out, self.head):
            nn.init.zeros_(layer.weight)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def encode(self, portrait: Tensor) -> Content:
        """portrait: (B, 3, S, S)."""
        fine = functional.leaky_relu(self.encode_fine(functional.pixel_unshuffle(portrait, 2)), 0.2)
        middle = functional.leaky_relu(self.encode_middle(fine), 0.2)
        coarse = functional.leaky_relu(self.encode_coarse(middle), 0.2)
        coarse = coarse + functional.leaky_relu(self.encode_more(coarse), 0.2)
        half = functional.avg_pool2d(portrait, 2)
        return Content(fine, middle, coarse, halve(half), self.style(half))

    def correct(self, content: Content, motion: MotionInput, code: Tensor) -> tuple[Tensor, Tensor]:
        """Residual of the grid (B, 2, n/2, n/2) and occlusion logits (B, 1, n/2, n/2)."""
        grid = halve(motion.grid)
        displacement = (grid - still_grid(grid.shape[-1], grid.device)) * 4
        warped = sample(content.small, grid)
        inputs = _stack(warped, content.small, halve(motion.mouth), displacement, halve(motion.classes))
        first = functional.leaky_relu(self.flow_in(inputs), 0.2)
        deep = functional.leaky_relu(self.flow_down(first), 0.2)
        deep = self.flow_b(self.flow_a(deep, code), code)
        deep = functional.interpolate(deep, scale_factor=2)
        out = self.flow_out(functional.leaky_relu(self.flow_up(torch.cat([deep, first], 1)), 0.2))
        return torch.tanh(out[:, :2]) * self.config.reach, out[:, 2:]

    def render(self, portrait: Tensor, content: Content, motion: MotionInput, crop: Crop | None = None) -> MotionOutput:
        """One frame per sample; with `crop` only those squares of the full-resolution output."""
        code = self.code(motion.condition)
        both = torch.cat([content.style, code], 1)
        residual, occlusion = self.correct(content, motion, code)
        grid = motion.grid + enlarge(residual)
        cut = crop or _whole
        full_mouth = cut(enlarge(motion.mouth), 2)
        warped = sample(portrait, cut(enlarge_grid(grid), 2))
        warped = warped * (1 - full_mouth[:, 3:]) + full_mouth[:, :3]
        middle_grid = halve(grid)
        middle_mouth = halve(motion.mouth)
        x = _stack(sample(content.coarse, halve(middle_grid)), halve(middle_mouth))
        x = self.refine_coarse_out(self.refine_coarse(x, both), both)
        x = _stack(enlarge(x), sample(content.middle, middle_grid), middle_mouth)
        x = self.refine_middle_out(self.refine_middle(x, both), both)
        x = _stack(
            enlarge(cut(x, 0.5)),
            sample(content.fine, cut(grid)),
            functional.pixel_unshuffle(warped, 2),
            cut(motion.mouth),
            enlarge(cut(occlusion, 0.5)),
        )
        x = self.head(self.refine_fine_out(self.refine_fine(x, both), both))
        gate, bias = functional.pixel_shuffle(x[:, :12], 2), functional.pixel_shuffle(x[:, 12:], 2)
        return MotionOutput(warped * (1 + gate) + bias, warped, residual)

    def forward(self, portrait: Tensor, motion: MotionInput, crop: Crop | None = None) -> MotionOutput:
        """portrait: (P, 3, S, S); motion: B = k P frames, k consecutive ones for each portrait."""
        content = self.encode(portrait)
        times = len(motion.condition) // len(portrait)
        if times > 1:
            portrait = portrait.repeat_interleave(times, 0)
            content = Content(*(tensor.repeat_interleave(times, 0) for tensor in content))
        return self.render(portrait, content, motion, crop)

    def save_pretrained(self, folder: Path) -> None:
        save_module(folder, asdict(self.config), self, WEIGHTS_FILE)

    @classmethod
    def from_pretrained(cls, folder: Path) -> MotionNetwork:
        """Raises `UserError` when the folder is not a trained motion model of this version."""

        def build(config: dict[str, Any]) -> MotionNetwork:
            return cls(MotionConfig(**{**config, "widths": tuple(config["widths"])}))

        return load_module(folder, build, WEIGHTS_FILE, "a motion model", "train_style_a")


def _whole(tensor: Tensor, zoom: float = 1.0) -> Tensor:
    """No crop."""
    return tensor


def _stack(*tensors: Tensor) -> Tensor:
    return torch.cat(tensors, 1).contiguous(memory_format=torch.channels_last)
