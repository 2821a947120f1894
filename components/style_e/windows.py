"""Diffusion over any length: overlapping windows whose clean predictions are blended at every step.

Bar-Tal et al., "MultiDiffusion" (ICML 2023), along time: all windows see one noisy sequence, and each step's clean
predictions are averaged where windows overlap, so no seam is left to hide. Windows go through the networks in chunks:
memory does not grow with the length. Axes: N windows, W frames of a window, L frames in all, C channels.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor

CHUNK = 16  # windows computed at once

# (numbers of the windows (n,), their noisy frames (n, W, C), time step) -> their clean frames (n, W, C)
Predict = Callable[[range, Tensor, int], Tensor]


def make_scheduler() -> DDIMScheduler:
    """Cosine schedule over 1000 steps, clean prediction. Only for eta 0: at eta 1 the last step divides by 0."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="sample",
        clip_sample=False,
        timestep_spacing="trailing",
        set_alpha_to_one=True,
    )


@dataclass(frozen=True)
class WindowPlan:
    """Where the windows of a sequence lie. The last one may reach past the end; `length` counts that."""

    frames: int
    window: int

    @property
    def overlap(self) -> int:
        """Frames that neighbors share."""
        return self.window // 4

    @property
    def stride(self) -> int:
        return self.window - self.overlap

    @property
    def count(self) -> int:
        return max(1, math.ceil((self.frames - self.overlap) / self.stride))

    @property
    def length(self) -> int:
        return (self.count - 1) * self.stride + self.window

    def chunks(self, size: int = CHUNK) -> Iterator[range]:
        for start in range(0, self.count, size):
            yield range(start, min(start + size, self.count))

    def cut(self, sequence: Tensor, windows: range, scale: int = 1, context: int = 0) -> Tensor:
        """(scale (L + 2 context), ...) -> (n, scale (W + 2 context), ...)."""
        span = self.window + 2 * context
        return torch.stack([sequence[scale * s : scale * (s + span)] for s in (w * self.stride for w in windows)])

    def taper(self) -> Tensor:
        """(W, 1) weight of a window's frames in the blend: rises over the overlap, then stays."""
        ramp = torch.arange(1, self.window + 1)
        return torch.minimum(ramp, ramp.flip(0)).clamp(max=max(1, self.overlap)).float()[:, None]


def blend(plan: WindowPlan, windows: Callable[[range], Tensor], channels: int, chunk: int = CHUNK) -> Tensor:
    """Weighted mean of overlapping windows, computed chunk by chunk: -> (L, C)."""
    taper = plan.taper()
    total, weight = torch.zeros(plan.length, channels), torch.zeros(plan.length, 1)
    for numbers in plan.chunks(chunk):
        for number, values in zip(numbers, windows(numbers), strict=True):
            place = slice(number * plan.stride, number * plan.stride + plan.window)
            total[place] += values.cpu() * taper
            weight[place] += taper
    return total / weight


def _predict_windows(predict: Predict, plan: WindowPlan, noisy: Tensor, step: int, windows: range) -> Tensor:
    return predict(windows, plan.cut(noisy, windows), step)


def sample(
    predict: Predict, noise: Tensor, plan: WindowPlan, scheduler: DDIMScheduler, steps: int, chunk: int = CHUNK
) -> Tensor:
    """Deterministic DDIM (Song et al., ICLR 2021, eq. 12 at eta 0) from noise (L, C) to clean motion (L, C).

    noise belongs to absolute frames, so what a frame becomes hardly depends on where windows start.
    """
    scheduler = copy.deepcopy(scheduler)  # time steps are its state: the caller's stay untouched
    scheduler.set_timesteps(steps)
    x = noise
    for step in scheduler.timesteps.tolist():
        clean = blend(plan, partial(_predict_windows, predict, plan, x, step), x.shape[1], chunk)
        (x, *_) = scheduler.step(clean, step, x, eta=0.0, return_dict=False)
    return x
