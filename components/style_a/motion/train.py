"""Training of phase 2, portrait + coefficients to frames: its network, its batch, its losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Tensor

from components.common.params import TrainStyleA
from components.common.training.ema import Ema
from components.common.training.loop import Figures, Pace, Training, warmup_cosine
from components.style_a.losses import FrozenFeatures, gradient_loss, perceptual_loss, weighted_l1, weighted_squares
from components.style_a.motion.frame_pairs import PairBatch, PairSampler
from components.style_a.motion.network import MotionConfig, MotionNetwork, MotionOutput

WARMUP = 30  # steps
LARGEST_NORM = 1.0  # of the gradient
REACH_WITHOUT_PRIOR = 0.35  # the corrector must then make the whole motion
# The squared one makes large errors count, of which the mouth has most. The warp has a term of its own: otherwise the
# refinement would repaint what the flow should bring. Change and residual keep refinement and flow correction near the
# prior where the data say nothing; real portraits need that.
LOSS_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "picture": 1.0,
        "squared": 1.0,
        "perceptual": 0.08,
        "gradient": 0.5,
        "warp": 0.3,
        "change": 0.03,
        "residual": 0.2,
    }
)


def motion_losses(output: MotionOutput, batch: PairBatch, features: FrozenFeatures) -> dict[str, Tensor]:
    """The terms of the objective, weighted. `output` covers the batch's crops."""
    target, weight = batch.crop(batch.target, 2), batch.crop(batch.weight, 2)
    target = target.contiguous(memory_format=torch.channels_last)
    picture = output.picture.contiguous(memory_format=torch.channels_last)
    terms = {
        "picture": weighted_l1(picture, target, weight),
        "squared": weighted_squares(picture, target, weight),
        "perceptual": perceptual_loss(features(picture), features(target)),
        "gradient": gradient_loss(picture, target),
        "warp": weighted_l1(output.warped, target, weight),
        "change": weighted_l1(picture, output.warped),
        "residual": output.residual.abs().mean(),
    }
    return {name: LOSS_WEIGHTS[name] * term for name, term in terms.items()}


class MotionTraining(Training[PairBatch]):
    """The training of the motion network on pairs of frames."""

    label = "train_style_a: motion"
    prefix = "motion_"

    def __init__(self, params: TrainStyleA, sampler: PairSampler, seed: int, device: torch.device) -> None:
        motion = params.motion
        self.motion, self.sampler = motion, sampler
        torch.manual_seed(seed)
        config = MotionConfig(size=params.size, prior=motion.prior)
        if motion.prior == "none":
            config = replace(config, reach=REACH_WITHOUT_PRIOR)
        network = MotionNetwork(config).to(device)
        self.features = FrozenFeatures().to(device)
        super().__init__(
            Pace(motion.steps, params.log_every, params.checkpoint_every),
            {"network": network},
            {"network": torch.optim.AdamW(network.parameters(), motion.lr, betas=(0.9, 0.99), weight_decay=1e-4)},
            {"network": Ema(network, params.ema)},
            device,
        )

    def draw_batch(self, number: int) -> PairBatch:
        return self.sampler.batch(number, self.motion.batch_size, self.motion.styled_fraction)

    def train_step(self, batch: PairBatch) -> Figures:
        output = self.networks["network"](batch.portrait, batch.motion, batch.crop)
        terms = motion_losses(output, batch, self.features)
        loss = torch.stack(list(terms.values())).sum()
        self.minimize("network", loss, warmup_cosine(self.step, self.motion.steps, WARMUP), LARGEST_NORM)
        return {"loss": loss, **terms}
