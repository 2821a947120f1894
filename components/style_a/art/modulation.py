"""Building blocks of the style path: modulated convolution and modulative residual blocks.

Axes: B batch, C channels, H, W pixels, S style code.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class ModulatedConv(nn.Module):
    """Convolution whose weights are scaled per picture by the style and renormalized (StyleGAN2, Karras et al. 2020).

    Scaling the input channels by s_i and the output channels by d_o = (sum_ik (w_oik s_i)^2)^-1/2 equals modulating and
    demodulating the weights (their eq. 1-3), but needs one ordinary convolution for the whole batch and no custom
    kernel. Where the kernel is a single pixel, the weights themselves are modulated: that is one matrix product.
    """

    def __init__(self, inputs: int, outputs: int, style: int, kernel: int, demodulate: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel) / math.sqrt(inputs * kernel**2))
        self.scale = nn.Linear(style, inputs)
        self.shift = nn.Linear(style, outputs)
        self.gain = math.sqrt(2) if demodulate else 0.0  # 0: not demodulated
        for layer, bias in ((self.scale, 1.0), (self.shift, 0.0)):
            nn.init.normal_(layer.weight, 0, 0.03)
            nn.init.constant_(layer.bias, bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """x (B, C, H, W), code (B, S) -> (B, C', H, W)."""
        scale = self.scale(code)  # (B, C)
        shift = self.shift(code)  # (B, C')
        gain = self._demodulation(scale)  # (B, C')
        if self.weight.shape[-1] == 1:
            return pointwise(x, self.weight[None, :, :, 0, 0] * scale[:, None] * gain[:, :, None], shift)
        x = functional.conv2d(x * scale[:, :, None, None], self.weight, padding=self.weight.shape[-1] // 2)
        return torch.addcmul(shift[:, :, None, None], x, gain[:, :, None, None])

    def _demodulation(self, scale: Tensor) -> Tensor:
        """d_o of every output channel: (B, C) -> (B, C')."""
        if not self.gain:
            return torch.ones(len(scale), len(self.weight), device=scale.device, dtype=scale.dtype)
        energy = (scale**2) @ (self.weight**2).sum((2, 3)).T
        return self.gain * torch.rsqrt(energy + 1e-6)


def pointwise(x: Tensor, weight: Tensor, shift: Tensor) -> Tensor:
    """Per-picture 1x1 convolution as one matrix product: x (B, C, H, W), weight (B, C', C), shift (B, C')."""
    batch, channels, height, width = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(batch, height * width, channels)  # a view when channels come last
    mixed = torch.baddbmm(shift[:, None], rows, weight.transpose(1, 2))
    return mixed.view(batch, height, width, -1).permute(0, 3, 1, 2)


class ModRes(nn.Module):
    """Modulative residual block of the style path: the art code w_s refined in the light of the portrait's w_i.

    w_s + A(act(B(w_s) * (1 + C(w_i)))): what a style does depends on the picture that it meets.
    """

    def __init__(self, style: int, hidden: int = 128) -> None:
        super().__init__()
        self.inner = nn.Linear(style, hidden)
        self.gate = nn.Linear(style, hidden)
        self.outer = nn.Linear(hidden, style)
        nn.init.normal_(self.outer.weight, 0, 0.02)
        nn.init.zeros_(self.outer.bias)

    def forward(self, art: Tensor, portrait: Tensor) -> Tensor:
        """art, portrait (B, S) -> (B, S)."""
        refined: Tensor = self.outer(functional.leaky_relu(self.inner(art) * (1 + self.gate(portrait)), 0.2))
        return art + refined
