"""How unlike the known styles an art picture is: 0 one of them, 1 something else (then its palette is transferred).

Axes: N pictures, K styles, F features of the style encoder.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_FULL = 1.6  # distance, in units of what is usual for known styles, at which a picture counts as wholly new
_SPREAD_SHARE = 0.5  # of each class spread taken from the pooled spread: few samples make a class look too tight


class Novelty(nn.Module):
    """Distance to the nearest known style in feature space, measured in what is usual among its own pictures."""

    center: Tensor
    spread: Tensor
    usual: Tensor

    def __init__(self, styles: int, features: int) -> None:
        super().__init__()
        self.register_buffer("center", torch.zeros(styles, features))
        self.register_buffer("spread", torch.ones(styles, features))
        self.register_buffer("usual", torch.ones(()))

    def distance(self, features: Tensor) -> Tensor:
        """(N, F) -> (N,): root mean square of standardized differences to the nearest style."""
        z = (features[:, None] - self.center) / self.spread  # (N, K, F)
        return z.square().mean(-1).sqrt().amin(-1)

    def fit(self, features: Tensor, label: Tensor) -> None:
        """features (N, F) of pictures of known style, label (N,) in 0..K-1."""
        classes = [features[label == k] for k in range(len(self.center))]
        self.center.copy_(torch.stack([rows.mean(0) for rows in classes]))
        spreads = torch.stack([rows.std(0, correction=0) for rows in classes])
        pooled = spreads.square().mean(0).sqrt()
        self.spread.copy_(_SPREAD_SHARE * pooled + (1 - _SPREAD_SHARE) * spreads + 1e-4)
        self.usual.copy_(torch.quantile(self.distance(features), 0.95))

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) -> (N,) in [0, 1]: 0 up to the usual distance, 1 from `_FULL` times that."""
        return ((self.distance(features) / self.usual - 1) / (_FULL - 1)).clamp(0, 1)
