"""How well the motion network reaches frames of people it never saw, against no motion and against the prior alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from components.common.agreement import psnr
from components.common.media import Image
from components.style_a.motion.frame_pairs import MOUTH_WEIGHT, PairBatch, PairSampler
from components.style_a.motion.layers import enlarge, enlarge_grid, sample
from components.style_a.motion.network import MotionNetwork

PAIRS = 4  # per batch
SHEET_ROWS = 6  # pairs in the sample picture
PEAK = 2.0  # range of pictures in [-1, 1]


def decibels(output: Tensor, target: Tensor) -> float:
    """PSNR of pictures in [-1, 1]."""
    return psnr(output.clamp(-1, 1).cpu().numpy(), target.cpu().numpy(), PEAK)


def repeat_portraits(batch: PairBatch) -> Tensor:
    """(B, 3, S, S): each portrait beside each of its frames."""
    return batch.portrait.repeat_interleave(len(batch.target) // len(batch.portrait), 0)


def prior_picture(batch: PairBatch) -> Tensor:
    """(B, 3, S, S): the portraits warped by the prior alone."""
    mouth = enlarge(batch.motion.mouth)
    warped = sample(repeat_portraits(batch), enlarge_grid(batch.motion.grid))
    return warped * (1 - mouth[:, 3:]) + mouth[:, :3]


@torch.no_grad()
def measure_pairs(
    network: MotionNetwork, sampler: PairSampler, batches: int, device: torch.device
) -> tuple[list[dict[str, float]], Image]:
    """Figures of each (portrait, target) pair of `batches` batches, and a picture of some pairs.

    `motion_psnr` in dB, `motion_gain` over no motion, `motion_gain_over_prior`, and the same of the mouth region. The
    picture shows portrait, prior, output and target side by side.
    """
    rows: list[dict[str, float]] = []
    sheet: list[Tensor] = []
    for number in range(batches):
        batch = sampler.batch(number, PAIRS, 0.0, jitter=False).to(device)
        portrait = repeat_portraits(batch)
        pictures = [portrait, prior_picture(batch), network(batch.portrait, batch.motion).picture]
        for index, (target, weight) in enumerate(zip(batch.target, batch.weight, strict=True)):
            near_mouth = weight[0] > MOUTH_WEIGHT
            whole = [decibels(picture[index], target) for picture in pictures]
            mouth = [decibels(picture[index][:, near_mouth], target[:, near_mouth]) for picture in pictures]
            rows.append(_gains("motion", *whole) | _gains("mouth", *mouth))
            if len(sheet) < SHEET_ROWS:
                sheet.append(torch.cat([*(picture[index] for picture in pictures), target], dim=2))
    return rows, _image(torch.cat(sheet, dim=1).clamp(-1, 1))


def measure_motion(
    network: MotionNetwork, sampler: PairSampler, batches: int, device: torch.device
) -> tuple[dict[str, float], Image]:
    """The means of `measure_pairs`, and its picture."""
    rows, picture = measure_pairs(network, sampler, batches, device)
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}, picture


def _gains(region: str, still: float, prior: float, output: float) -> dict[str, float]:
    return {
        f"{region}_psnr": output,
        f"{region}_gain": output - still,
        f"{region}_gain_over_prior": output - prior,
    }


def _image(picture: Tensor) -> Image:
    """(3, H, W) in [-1, 1] -> (H, W, 3) uint8."""
    levels = ((picture + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(levels)
