"""Training of the motion network (phase 2 of Style-A). Deterministic; resumes from a checkpoint to the same weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from components.common.checkpoint import Checkpoint, pack_optimizer, unpack_optimizer
from components.common.params import TrainStyleA
from components.common.progress import track
from components.common.step_log import write_steps
from components.common.tracker import Tracker
from components.style_a.losses import FrozenFeatures, gradient_loss, perceptual_loss, weighted_l1, weighted_squares
from components.style_a.motion.frame_pairs import PairBatch, PairSampler
from components.style_a.motion.network import MotionConfig, MotionNetwork, MotionOutput

WARMUP = 30  # steps of rising learning rate
FLOOR = 0.03  # of the learning rate at the end of its cosine
REACH_WITHOUT_PRIOR = 0.35  # the corrector must then make the whole motion
# Weights of the losses. The squared one makes large errors count, of which the mouth has most.
SQUARED, PERCEPTUAL, GRADIENT, WARP, CHANGE, RESIDUAL = 1.0, 0.08, 0.5, 0.3, 0.03, 0.2


@dataclass
class MotionTraining:
    """What a training leaves: the averaged network, and a row of figures per logged step."""

    network: MotionNetwork
    rows: list[dict[str, float]] = field(default_factory=list)


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Linear warm-up, then a cosine down to a small floor."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return peak * min(1.0, (step + 1) / WARMUP) * (FLOOR + (1 - FLOOR) * cosine)


def motion_losses(output: MotionOutput, batch: PairBatch, features: FrozenFeatures) -> dict[str, Tensor]:
    """The terms of the objective, weighted. `output` covers the batch's crops.

    The warp has a term of its own: otherwise the refinement would repaint what the flow should bring. Two small
    penalties keep refinement and flow correction near the prior where the data say nothing; real portraits need that.
    """
    target, weight = batch.crop(batch.target, 2), batch.crop(batch.weight, 2)
    target = target.contiguous(memory_format=torch.channels_last)
    picture = output.picture.contiguous(memory_format=torch.channels_last)
    return {
        "picture": weighted_l1(picture, target, weight),
        "squared": SQUARED * weighted_squares(picture, target, weight),
        "perceptual": PERCEPTUAL * perceptual_loss(features(picture), features(target)),
        "gradient": GRADIENT * gradient_loss(picture, target),
        "warp": WARP * weighted_l1(output.warped, target, weight),
        "change": CHANGE * weighted_l1(picture, output.warped),
        "residual": RESIDUAL * output.residual.abs().mean(),
    }


def train_motion(
    params: TrainStyleA,
    sampler: PairSampler,
    seed: int,
    tracker: Tracker,
    checkpoint: Checkpoint,
    device: torch.device,
    plots: Path,
) -> MotionTraining:
    """Train for `params.motion.steps` steps, going on from `checkpoint` where it holds state.

    plots: CSV of the figures so far, written while the training runs: means over the steps since the row before, for a
    single batch says more about its poses than about the network.

    The checkpoint also keeps the finished state; the caller clears it when its stage has ended.
    """
    motion = params.motion
    torch.manual_seed(seed)
    config = MotionConfig(size=params.size, prior=motion.prior)
    if motion.prior == "none":
        config = replace(config, reach=REACH_WITHOUT_PRIOR)
    network = MotionNetwork(config).to(device)
    average = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), motion.lr, betas=(0.9, 0.99), weight_decay=1e-4)
    features = FrozenFeatures().to(device)
    start, rows, sums = _resume(checkpoint, network, average, optimizer)
    for step in track(range(start, motion.steps), "train_style_a: motion", total=motion.steps - start):
        batch = sampler.batch(step, motion.batch_size, motion.styled_fraction).to(device)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, motion.steps, motion.lr)
        losses = motion_losses(network(batch.portrait, batch.motion, batch.crop), batch, features)
        total = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        _average(average, network, min(params.ema, (1 + step) / (10 + step)))
        for name, term in {"steps": torch.ones(()), "loss": total, **losses}.items():
            sums[name] = sums.get(name, 0.0) + float(term.detach())
        if (step + 1) % params.log_every == 0 or step + 1 == motion.steps:
            steps = sums.pop("steps")
            figures = {name: value / steps for name, value in sums.items()}
            sums.clear()
            rows.append({"step": step + 1, **figures})
            write_steps(plots, rows)
            tracker.log_metrics({f"motion_{name}": value for name, value in figures.items()}, step=step + 1)
        if (step + 1) % params.checkpoint_every == 0 or step + 1 == motion.steps:
            _save(checkpoint, network, average, optimizer, step + 1, rows, sums)
    network.load_state_dict(average)
    return MotionTraining(network.eval(), rows)


def _average(average: dict[str, Tensor], network: MotionNetwork, decay: float) -> None:
    """Exponential moving average of the weights, in place."""
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            average[name].lerp_(tensor, 1 - decay)


def _save(
    checkpoint: Checkpoint,
    network: MotionNetwork,
    average: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
    step: int,
    rows: list[dict[str, float]],
    sums: dict[str, float],
) -> None:
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.items()}
    checkpoint.save({**tensors, **pack_optimizer(optimizer)}, {"step": step, "rows": rows, "sums": sums})


def _resume(
    checkpoint: Checkpoint, network: MotionNetwork, average: dict[str, Tensor], optimizer: torch.optim.Optimizer
) -> tuple[int, list[dict[str, Any]], dict[str, float]]:
    """Step to go on from, rows so far and sums since the last row; fills the rest when there is saved state."""
    stored = checkpoint.load()
    if stored is None:
        return 0, [], {}
    tensors, numbers = stored
    network.load_state_dict({k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")})
    for name in average:
        average[name].copy_(tensors[f"average.{name}"])
    unpack_optimizer(optimizer, tensors)
    return int(numbers["step"]), list(numbers["rows"]), dict(numbers["sums"])
