"""The training loss: clean motion, its velocity, and the opening of the lips. Axes: B windows, W frames, C channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from components.common.lip_gap import gap_vector
from components.style_e.channels import CHANNELS, LEARNED, REFERENCE

GAP_SCALE = 0.4  # cm: about the spread of the lip opening in speech


def gap_direction(motion_std: NDArray[np.floating]) -> Tensor:
    """(C,) change of the lip opening, in units of GAP_SCALE, per z-scored channel."""
    direction = np.zeros(CHANNELS)
    direction[:REFERENCE] = gap_vector()[LEARNED] * motion_std[:REFERENCE] / GAP_SCALE
    return torch.from_numpy(direction.astype(np.float32))


@dataclass(frozen=True)
class MotionLoss:
    """Mean squared error of z-scored channels + velocity_weight x of their steps + gap_weight x of the lip opening."""

    velocity_weight: float
    gap_weight: float
    gap: Tensor  # (C,) from `gap_direction`

    def __call__(self, predicted: Tensor, clean: Tensor, valid: Tensor) -> Tensor:
        """predicted, clean (B, W, C), valid (B, W, 1) -> scalar. Frames that are not valid do not count."""
        error = (predicted - clean) * valid
        frames = valid.sum().clamp(min=1)
        loss = error.square().sum() / (frames * error.shape[-1])
        steps = (error[:, 1:] - error[:, :-1]) * (valid[:, 1:] * valid[:, :-1])
        # A step's error is the difference of two frames' errors: the factor 2 brings it to the same size.
        loss = loss + 2 * self.velocity_weight * steps.square().sum() / (frames * error.shape[-1])
        return loss + self.gap_weight * (error @ self.gap).square().sum() / frames


def add_noise(clean: Tensor, noise: Tensor, time: Tensor, alphas: Tensor) -> Tensor:
    """Forward diffusion (Ho et al., 2020, eq. 4): alphas (1000,) cumulative; time (B,) -> (B, W, C)."""
    alpha = alphas[time][:, None, None]
    return torch.sqrt(alpha) * clean + torch.sqrt(1 - alpha) * noise
