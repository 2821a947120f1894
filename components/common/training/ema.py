"""The moving average of a network's weights, which is what a training is judged by and leaves behind."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Ema:
    """Exponential moving average of a module's parameters and buffers.

    average <- d average + (1 - d) value, d = min(decay, (1 + t) / (10 + t)): it follows closely while the weights still
    move fast, as TensorFlow's `ExponentialMovingAverage` does with `num_updates` t. What is not floating point is
    copied.

    values: the average, by the names of the module's state dict. offset: t after the first step.
    """

    def __init__(self, module: nn.Module, decay: float, offset: int = 0) -> None:
        self.decay, self.offset = decay, offset
        self.values = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Take in the weights that `step` (0 is the first) has left."""
        t = step + self.offset
        decay = min(self.decay, (1 + t) / (10 + t))
        averages, values = [], []
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                averages.append(self.values[name])
                values.append(value)
            else:
                self.values[name].copy_(value)
        torch._foreach_lerp_(averages, values, 1 - decay)

    @torch.no_grad()
    def load(self, values: Mapping[str, Tensor]) -> None:
        """Put back the `values` of a checkpoint."""
        for name, average in self.values.items():
            average.copy_(values[name])
