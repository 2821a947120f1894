"""Building blocks of the motion network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """3x3 convolution that keeps the size (or divides it by `stride`); bias starts at zero."""
    layer = nn.Conv2d(inputs, outputs, 3, stride, 1)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class FilmConv(nn.Module):
    """3x3 convolution whose output channels a code scales and shifts (Perez et al. 2018), then leaky ReLU.

    Modulating after the convolution, not the weights, lets samples of one batch share the convolution.
    """

    def __init__(self, inputs: int, outputs: int, code: int) -> None:
        super().__init__()
        self.conv = conv3(inputs, outputs)
        self.film = nn.Linear(code, 2 * outputs)
        nn.init.normal_(self.film.weight, 0.0, 0.02)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """x: (B, C, H, W); code: (B, Z)."""
        scale, shift = self.film(code)[:, :, None, None].chunk(2, dim=1)
        return functional.leaky_relu(torch.addcmul(shift, self.conv(x), 1 + scale), 0.2)


class PortraitStyleEncoder(nn.Module):
    """Style code of a portrait from the means and deviations of its features, which forget where things are."""

    def __init__(self, code: int, widths: tuple[int, ...] = (24, 32, 48, 64)) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv3(i, o, 2) for i, o in zip((3, *widths), widths, strict=False))
        self.out = nn.Sequential(nn.Linear(2 * (3 + sum(widths)), 96), nn.SiLU(), nn.Linear(96, code))

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, code)."""
        statistics = [x.mean((2, 3)), x.std((2, 3))]
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            statistics += [x.mean((2, 3)), x.std((2, 3))]
        code: Tensor = self.out(torch.cat(statistics, 1))
        return code


def halve(x: Tensor) -> Tensor:
    return functional.avg_pool2d(x, 2)


def enlarge(x: Tensor, factor: int = 2) -> Tensor:
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def still_grid(side: int, device: torch.device) -> Tensor:
    """(1, 2, side, side): the sampling grid that shows a picture as it is."""
    return functional.affine_grid(torch.eye(2, 3, device=device)[None], [1, 1, side, side], False).permute(0, 3, 1, 2)


def enlarge_grid(grid: Tensor) -> Tensor:
    """A sampling grid at twice the resolution. Enlarges the displacement, so that stillness stays exact at borders."""
    side = grid.shape[-1]
    return enlarge(grid - still_grid(side, grid.device)) + still_grid(2 * side, grid.device)


def sample(x: Tensor, grid: Tensor) -> Tensor:
    """x (B, C, H, W) at grid (B, 2, h, w), reflected at the border. Always float32: bf16 gives NaN on CPUs."""
    grid = grid.permute(0, 2, 3, 1)
    return functional.grid_sample(x.float(), grid, padding_mode="reflection", align_corners=False)


def crop_squares(images: Tensor, tops: tuple[int, ...], lefts: tuple[int, ...], side: int, zoom: float) -> Tensor:
    """(B, C, H, W) -> (B, C, side * zoom, side * zoom): one square per sample, at `tops`, `lefts` times `zoom`."""
    size = int(side * zoom)
    rows = [(int(top * zoom), int(left * zoom)) for top, left in zip(tops, lefts, strict=True)]
    return torch.stack([picture[:, y : y + size, x : x + size] for picture, (y, x) in zip(images, rows, strict=True)])
