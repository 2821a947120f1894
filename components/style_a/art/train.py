"""Training of phase 1, portrait + art picture to stylized portrait: its networks, its batch, its losses.

Axes: B batch, C channels, H, W pixels, V further views of art.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from components.common.params import TrainStyleA
from components.common.training.ema import Ema
from components.common.training.loop import Figures, Pace, Training, warmup_cosine
from components.style_a import losses
from components.style_a.art.discriminator import PatchDiscriminator
from components.style_a.art.encoders import PORTRAIT
from components.style_a.art.style_corpus import Batch, StyleCorpus, brush_mixes, draw_batch, draw_views
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES, VARIANTS
from components.style_a.art.synthesis import ArtConfig

CUSTOM = "custom"  # the style of the user's own art pictures
WARMUP = 40  # steps
MIX_RATE = 0.1  # learning rate of the brush mix, as a share of the others'
DISCRIMINATOR_RATE = 1e-3
LARGEST_NORM = 1.0  # of the generator's gradient
VIEWS = 1.5  # further art pictures a sample, from which only the class is learned
TAUGHT = 0.6  # share of samples whose class is given rather than recognized
# `StyleAArt.adversarial_weight` is the generator's remaining one.
LOSS_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "l1": 1.0,
        "perceptual": 0.08,
        "gradient": 0.3,
        "statistics": 0.15,  # of samples without a target: only an example of the style
        "content": 0.5,  # the same
        "class": 0.5,
        "mask": 5e-4,
    }
)
Module = TypeVar("Module", bound=nn.Module)


class ArtBatch(NamedTuple):
    """samples: what to draw; views: (V, 3, h, w) further art; labels: (V,) its classes; is_taught: (B,) bool."""

    samples: Batch
    views: Tensor
    labels: Tensor
    is_taught: Tensor


class ArtTraining(Training[ArtBatch]):
    """Generator against the stylizers' pictures, and against a discriminator where the user's own art has no target."""

    label = "train art"
    prefix = "art_"

    def __init__(self, params: TrainStyleA, corpus: StyleCorpus, seed: int, device: torch.device) -> None:
        art = params.art
        self.art, self.corpus, self.seed = art, corpus, seed
        styles = STYLE_NAMES + ((CUSTOM,) if corpus.custom else ())
        torch.manual_seed(seed)
        config = ArtConfig(styles, VARIANTS)
        self.stylist = _channels_last(ArtStylist(config).to(device))
        generator = self.stylist.generator
        discriminator = _channels_last(PatchDiscriminator(1 + config.classes).to(device))
        rng = np.random.default_rng((seed, 2))
        generator.style_encoder.calibrate(draw_batch(corpus, 64, 32, rng).art_view.to(device))
        generator.synthesis.set_mixes(brush_mixes(corpus, rng).to(device))
        self.features = losses.FrozenFeatures(0).to(device)
        mix = generator.synthesis.mix.weight
        others = [parameter for parameter in generator.parameters() if parameter is not mix]
        # The mix starts as the least-squares solution: full steps would throw that away first.
        groups = [{"params": others, "lr": art.lr}, {"params": [mix], "lr": MIX_RATE * art.lr}]
        super().__init__(
            Pace(art.steps, params.log_every, params.checkpoint_every),
            {"generator": generator, "discriminator": discriminator},
            {
                "generator": torch.optim.AdamW(groups, betas=(0.9, 0.99)),
                "discriminator": torch.optim.AdamW(discriminator.parameters(), DISCRIMINATOR_RATE, betas=(0.5, 0.99)),
            },
            {"generator": Ema(generator, params.ema)},
            device,
        )

    def draw_batch(self, number: int) -> ArtBatch:
        rng = np.random.default_rng((self.seed, 1, number))
        size = self.art.batch_size
        samples = draw_batch(self.corpus, size, self.art.crop, rng)
        views, labels = draw_views(self.corpus, round(VIEWS * size), rng)
        return ArtBatch(samples, views, labels, torch.from_numpy(rng.random(size) < TAUGHT))

    def train_step(self, batch: ArtBatch) -> Figures:
        """One step of the generator, before it one of the discriminator where that has a say."""
        samples, weight = batch.samples, self.art.adversarial_weight
        picture, mask, logits = self.networks["generator"](samples, batch.views, batch.is_taught)
        loss, l1 = self._reconstruction(picture, samples)
        classes = torch.cat([torch.full_like(samples.art_label, PORTRAIT), samples.art_label, batch.labels])
        recognition = functional.cross_entropy(logits, classes)
        loss = loss + LOSS_WEIGHTS["mask"] * mask + LOSS_WEIGHTS["class"] * recognition
        discriminator_loss = torch.zeros(())
        if weight > 0:
            discriminator_loss = self._train_discriminator(samples, picture.detach())
            self.modules["discriminator"].requires_grad_(False)
            loss = loss + weight * losses.generator_loss(self.networks["discriminator"](picture, samples.label))
        rate = warmup_cosine(self.step, self.art.steps, WARMUP)
        self.minimize("generator", loss, rate, LARGEST_NORM)
        accuracy = (logits.argmax(1) == classes).float().mean()
        return {"loss": loss, "l1": l1, "class_accuracy": accuracy, "discriminator": discriminator_loss}

    def averaged_stylist(self) -> ArtStylist:
        """The stylist with the averaged generator, for evaluation."""
        stylist = copy.deepcopy(self.stylist)
        stylist.generator.load_state_dict(self.averages["generator"].values)
        return stylist.eval()

    def _reconstruction(self, picture: Tensor, samples: Batch) -> tuple[Tensor, Tensor]:
        """Losses of the samples with a target, plus those of the samples that have only an example of the style."""
        features, target_features = self.features(picture), self.features(samples.target)
        paired, free = samples.paired, ~samples.paired
        if bool(paired.all()):
            return _paired_loss(picture, samples.target, features, target_features)
        loss, l1 = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        if bool(paired.any()):
            loss, l1 = _paired_loss(
                picture[paired], samples.target[paired], _rows(features, paired), _rows(target_features, paired)
            )
        statistics = losses.statistics_loss(_rows(features, free), _rows(target_features, free))
        loss = loss + LOSS_WEIGHTS["statistics"] * statistics
        return loss + LOSS_WEIGHTS["content"] * content_loss(picture[free], samples.bank[free, :3]), l1

    def _train_discriminator(self, samples: Batch, fake: Tensor) -> Tensor:
        self.modules["discriminator"].requires_grad_(True)
        discriminator = self.networks["discriminator"]
        real_logits = discriminator(samples.target, samples.label)
        loss = losses.discriminator_loss(real_logits, discriminator(fake, samples.label))
        self.minimize("discriminator", loss)
        return loss


def content_loss(picture: Tensor, portrait: Tensor) -> Tensor:
    """L1 between standardized, blurred lumas: keeps the face when only the style is known. Pictures (B, 3, H, W)."""

    def form(pixels: Tensor) -> Tensor:
        luma = functional.avg_pool2d(pixels.mean(1, keepdim=True), 4)
        return (luma - luma.mean((2, 3), keepdim=True)) / (luma.std((2, 3), keepdim=True) + 0.05)

    return (form(picture) - form(portrait)).abs().mean()


def _paired_loss(
    picture: Tensor, target: Tensor, features: list[Tensor], target_features: list[Tensor]
) -> tuple[Tensor, Tensor]:
    """The weighted sum, and its L1 alone."""
    l1 = losses.weighted_l1(picture, target)
    loss = LOSS_WEIGHTS["l1"] * l1 + LOSS_WEIGHTS["perceptual"] * losses.perceptual_loss(features, target_features)
    return loss + LOSS_WEIGHTS["gradient"] * losses.gradient_loss(picture, target), l1


def _channels_last(module: Module) -> Module:
    """Weights laid out for the faster convolutions."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def _rows(features: list[Tensor], which: Tensor) -> list[Tensor]:
    return [feature[which] for feature in features]
