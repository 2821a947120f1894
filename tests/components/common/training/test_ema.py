"""The moving average against numbers worked out by hand."""

from __future__ import annotations

import torch
from torch import nn

from components.common.training.ema import Ema


class Counter(nn.Module):
    """One weight, one buffer, one integer buffer."""

    weight: torch.Tensor
    scale: torch.Tensor
    count: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    def set(self, weight: float, scale: float, count: int) -> None:
        with torch.no_grad():
            self.weight.fill_(weight)
            self.scale.fill_(scale)
            self.count.fill_(count)


def test_the_average_follows_its_formula() -> None:
    module = Counter()
    ema = Ema(module, 0.3)
    weight, scale = 0.0, 1.0
    decays = (2 / 11, 3 / 12, 0.3, 0.3)  # the bound takes over from 4/13
    for steps, (value, decay) in enumerate(zip((4.0, -2.0, 5.0, 1.0), decays, strict=True), 1):
        module.set(value, 2 * value, steps)
        ema.update(module, steps)
        weight = decay * weight + (1 - decay) * value
        scale = decay * scale + (1 - decay) * 2 * value
    torch.testing.assert_close(ema.values["weight"], torch.full((2,), weight))
    torch.testing.assert_close(ema.values["scale"], torch.tensor(scale))
    assert int(ema.values["count"]) == 4  # an integer has no average


def test_the_average_is_no_view_of_the_module() -> None:
    module = Counter()
    ema = Ema(module, 0.9)
    module.set(7.0, 7.0, 7)
    assert ema.values["weight"].tolist() == [0, 0]
    assert not any(value.requires_grad for value in ema.values.values())


def test_stored_values_come_back() -> None:
    module = Counter()
    ema, other = Ema(module, 0.9), Ema(module, 0.9)
    module.set(1.0, 2.0, 3)
    ema.update(module, 1)
    other.load(ema.values)
    assert all(torch.equal(ema.values[name], other.values[name]) for name in ema.values)
    assert ema.values["weight"] is not other.values["weight"]
