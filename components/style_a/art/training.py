"""The step of phase 1: networks, optimizers, losses, and the state that a resumed training takes up.

Axes: B batch, C channels, H, W pixels.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from components.common.checkpoint import Checkpoint, pack_optimizer, unpack_optimizer
from components.common.params import TrainStyleA
from components.common.progress import track
from components.common.step_log import write_steps
from components.common.tracker import Tracker
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
VIEWS = 1.5  # further art pictures a sample, from which only the class is learned
TEACHER = 0.6  # share of samples whose class is given rather than recognized
PERCEPTUAL, GRADIENT, CLASS, MASK, STATISTICS, CONTENT = 0.08, 0.3, 0.5, 5e-4, 0.15, 0.5  # loss weights
Module = TypeVar("Module", bound=nn.Module)


class ArtTraining:
    """Networks, optimizers and the step; what is saved and resumed."""

    def __init__(self, params: TrainStyleA, corpus: StyleCorpus, seed: int, device: torch.device) -> None:
        self.params, self.corpus, self.seed, self.device = params, corpus, seed, device
        styles = STYLE_NAMES + ((CUSTOM,) if corpus.custom else ())
        torch.manual_seed(seed)
        config = ArtConfig(styles, VARIANTS)
        self.stylist = _channels_last(ArtStylist(config).to(device))
        self.generator = self.stylist.generator
        self.discriminator = _channels_last(PatchDiscriminator(1 + config.classes).to(device))
        rng = np.random.default_rng((seed, 2))
        self.generator.style_encoder.calibrate(draw_batch(corpus, 64, 32, rng).art_view.to(device))
        self.generator.synthesis.set_mixes(brush_mixes(corpus, rng).to(device))
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.features = losses.FrozenFeatures(0).to(device)
        mix = self.generator.synthesis.mix.weight
        others = [parameter for parameter in self.generator.parameters() if parameter is not mix]
        # The mix starts as the least-squares solution: full steps would throw that away first.
        groups = [{"params": others, "share": 1.0}, {"params": [mix], "share": MIX_RATE}]
        self.optimizer = torch.optim.AdamW(groups, params.art.lr, betas=(0.9, 0.99))
        self.critic = torch.optim.AdamW(self.discriminator.parameters(), 1e-3, betas=(0.5, 0.99))
        self.step = 0
        self.rows: list[dict[str, float]] = []

    def resume(self, checkpoint: Checkpoint) -> None:
        """Take up the saved state, if there is one."""
        saved = checkpoint.load()
        if saved is None:
            return
        tensors, numbers = saved
        for name, module in self._modules().items():
            module.load_state_dict(_below(tensors, name))
        for name, optimizer in self._optimizers().items():
            unpack_optimizer(optimizer, _below(tensors, name))
        self.step, self.rows = int(numbers["step"]), list(numbers["rows"])

    def save(self, checkpoint: Checkpoint) -> None:
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors.update({f"{name}/{key}": value for key, value in module.state_dict().items()})
        for name, optimizer in self._optimizers().items():
            tensors.update({f"{name}/{key}": value for key, value in pack_optimizer(optimizer).items()})
        checkpoint.save(tensors, {"step": self.step, "rows": self.rows})

    def run(self, checkpoint: Checkpoint, plots: Path, tracker: Tracker) -> None:
        """Train from the current step to the last."""
        params, steps = self.params, self.params.art.steps
        for _ in track(range(self.step, steps), "train art"):
            figures = self.train_step()
            self.step += 1
            if self.step % params.log_every == 0 or self.step == steps:
                self.rows.append({"step": self.step, **{key: round(value, 6) for key, value in figures.items()}})
                tracker.log_metrics({f"art/{key}": value for key, value in figures.items()}, step=self.step)
                write_steps(plots, self.rows)
            if self.step % params.checkpoint_every == 0 or self.step == steps:
                self.save(checkpoint)
        write_steps(plots, self.rows)

    def train_step(self) -> dict[str, float]:
        """One step of generator and discriminator; returns its figures."""
        art = self.params.art
        rng = np.random.default_rng((self.seed, 1, self.step))
        batch = _to_device(draw_batch(self.corpus, art.batch_size, art.crop, rng), self.device)
        self._set_rate()
        self.generator.train()
        views, labels = (part.to(self.device) for part in draw_views(self.corpus, round(VIEWS * art.batch_size), rng))
        output, mask, logits = self._forward(batch, torch.from_numpy(rng.random(art.batch_size) < TEACHER), views)
        loss, l1 = self._reconstruction(output, batch)
        classes = torch.cat([torch.full_like(batch.art_label, PORTRAIT), batch.art_label, labels])
        loss = loss + MASK * mask + CLASS * functional.cross_entropy(logits, classes)
        critic_loss = torch.zeros(())
        if art.adversarial_weight > 0:
            critic_loss = self._train_critic(batch, output.detach())
            self.discriminator.requires_grad_(False)
            fooled = losses.generator_loss(self.discriminator(output, batch.label))
            loss = loss + art.adversarial_weight * fooled
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.generator.parameters(), 1.0)
        self.optimizer.step()
        self._update_average()
        accuracy = (logits.argmax(1) == classes).float().mean()
        figures = {"loss": loss, "l1": l1, "class_accuracy": accuracy, "discriminator": critic_loss}
        return {key: float(value.detach()) for key, value in figures.items()}

    def finish(self) -> ArtStylist:
        """The averaged model."""
        self.generator.load_state_dict(self.average.state_dict())
        self.stylist.eval()
        return self.stylist

    def _forward(self, batch: Batch, teach: Tensor, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        generator, encoder = self.generator, self.generator.style_encoder
        # One pass of E_s over the portraits, their art, and more art to learn the classes from.
        raw = encoder.deviation(torch.cat([batch.portrait_view, batch.art_view, views]))
        portrait, art = raw[: len(teach)], raw[len(teach) : 2 * len(teach)]
        portrait_code = encoder.code(portrait, batch.portrait_palette, torch.full_like(batch.label, PORTRAIT))
        given = torch.where(teach.to(self.device), batch.art_label, torch.full_like(batch.label, -1))
        art_code = encoder.code(art, batch.art_palette, given)
        code = generator.interpolate(portrait_code, art_code, batch.degree)
        output, mask = generator(batch.bank, code)
        return output.contiguous(memory_format=torch.channels_last), mask, encoder.logits(raw)

    def _reconstruction(self, output: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Losses of the samples with a target, plus those of the samples that have only an example of the style."""
        made, wanted = self.features(output), self.features(batch.target)
        if bool(batch.paired.all()):
            return self._paired(output, batch.target, made, wanted)
        loss, l1 = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        paired, free = batch.paired, ~batch.paired
        if bool(paired.any()):
            loss, l1 = self._paired(output[paired], batch.target[paired], _rows(made, paired), _rows(wanted, paired))
        loss = loss + STATISTICS * losses.statistics_loss(_rows(made, free), _rows(wanted, free))
        return loss + CONTENT * content_loss(output[free], batch.bank[free, :3]), l1

    def _paired(
        self, output: Tensor, target: Tensor, made: list[Tensor], wanted: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        l1 = losses.weighted_l1(output, target)
        loss = l1 + PERCEPTUAL * losses.perceptual_loss(made, wanted) + GRADIENT * losses.gradient_loss(output, target)
        return loss, l1

    def _train_critic(self, batch: Batch, fake: Tensor) -> Tensor:
        self.discriminator.requires_grad_(True)
        real_logits = self.discriminator(batch.target, batch.label)
        loss = losses.discriminator_loss(real_logits, self.discriminator(fake, batch.label))
        self.critic.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.critic.step()
        return loss

    def _set_rate(self) -> None:
        """Linear warm-up, then a cosine to 3 % of the rate."""
        progress = self.step / self.params.art.steps
        rate = min(1.0, (self.step + 1) / WARMUP) * (0.97 * 0.5 * (1 + math.cos(math.pi * progress)) + 0.03)
        for group in self.optimizer.param_groups:
            group["lr"] = self.params.art.lr * rate * group["share"]

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.params.ema, (1 + self.step) / (10 + self.step))
        for average, parameter in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            average.lerp_(parameter, 1 - decay)

    def _modules(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "average": self.average, "discriminator": self.discriminator}

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"generator_optimizer": self.optimizer, "discriminator_optimizer": self.critic}


def content_loss(output: Tensor, portrait: Tensor) -> Tensor:
    """L1 between standardized, blurred lumas: keeps the face when only the style is known. Pictures (B, 3, H, W)."""

    def form(picture: Tensor) -> Tensor:
        luma = functional.avg_pool2d(picture.mean(1, keepdim=True), 4)
        return (luma - luma.mean((2, 3), keepdim=True)) / (luma.std((2, 3), keepdim=True) + 0.05)

    return (form(output) - form(portrait)).abs().mean()


def _channels_last(module: Module) -> Module:
    """Weights laid out for the faster convolutions."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def _rows(features: list[Tensor], which: Tensor) -> list[Tensor]:
    return [feature[which] for feature in features]


def _below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Entries of one part of a checkpoint, without its name."""
    prefix = f"{name}/"
    return {key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)}


def _to_device(batch: Batch, device: torch.device) -> Batch:
    moved: dict[str, Any] = {name: value.to(device) for name, value in vars(batch).items()}
    return Batch(**moved)
