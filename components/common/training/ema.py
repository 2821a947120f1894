"""The moving average of a network's weights, which is what a training is judged by and leaves behind."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Ema:
    """Exponential moving average of a module's parameters and buffers.

    average <- d average + (1 - d) value, d = min(decay, (1 + t) / (10 + t)), where t is the number of optimizer steps
    taken, 1 at the first update: it follows closely while the weights still move fast, as TensorFlow's
    `ExponentialMovingAverage` does with `num_updates` t. What is not floating point is copied.

    values: the average, by the names of the module's state dict.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, steps: int) -> None:
        """Take in the weights after `steps` optimizer steps, of which there is at least one."""
        decay = min(self.decay, (1 + steps) / (10 + steps))
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
