"""Training of Style-E: its networks, its batch, its loss. `components.common.training.loop` does the rest.

The regressor and the denoiser learn together. The denoiser corrects the regressor's draft but does not teach it: the
draft enters it detached, so that lips stay a plain regression.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from components.common.params import TrainStyleE
from components.common.training.ema import Ema
from components.common.training.loop import Figures, Pace, Training, warmup_cosine
from components.style_e.audio import band_statistics
from components.style_e.batches import Batch, WindowCutter, WindowSampler, validation_batch
from components.style_e.channels import CHANNELS, REFERENCE, spread_of_jaw
from components.style_e.dataset import MotionClip
from components.style_e.losses import MotionLoss, add_noise, gap_direction
from components.style_e.networks import AudioEncoder, Conditioner, MotionDenoiser, MotionRegressor, Statistics
from components.style_e.pipeline import StyleEPipeline
from components.style_e.text_encoder import ClipText, TextEncoder
from components.style_e.texts import TEXT_LABELS, TextBank
from components.style_e.windows import make_scheduler

STD_FLOOR = 0.03  # of a channel: one that hardly moves must not be blown up
WARMUP = 30  # steps
LARGEST_NORM = 1.0  # of the gradient
PHRASES = 256  # a step, to name
# `TrainStyleE` has the weights inside the motion loss.
LOSS_WEIGHTS: Mapping[str, float] = MappingProxyType({"denoiser": 1.0, "regressor": 1.0, "text_classification": 0.1})


@dataclass(frozen=True)
class TrainingData:
    """Clips to learn from and to validate on: tracked ones of the corpus, and picture-free ones."""

    tracked: Sequence[MotionClip]
    spoken: Sequence[MotionClip]
    tracked_val: Sequence[MotionClip]
    spoken_val: Sequence[MotionClip]
    bank: TextBank

    @property
    def train(self) -> list[MotionClip]:
        return [*self.tracked, *self.spoken]


@dataclass(frozen=True)
class TrainingBatch:
    """Windows of motion; phrases (P, D) alone, with their labels (P,) of `components.style_e.texts.text_label`."""

    windows: Batch
    phrases: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> TrainingBatch:
        return TrainingBatch(self.windows.to(device), self.phrases.to(device), self.labels.to(device))


class StyleENets(nn.ModuleDict):
    """The learned networks under the names that the pipeline uses."""

    def __init__(self, params: TrainStyleE, text_size: int) -> None:
        width = params.width
        super().__init__(
            {
                "conditioner": Conditioner(text_size, REFERENCE, width, TEXT_LABELS),
                "audio_encoder": AudioEncoder(params.bands, width, params.context),
                "regressor": MotionRegressor(CHANNELS, width),
                "denoiser": MotionDenoiser(CHANNELS, width, params.blocks, params.window),
            }
        )

    def predict(self, batch: Batch, alphas: Tensor) -> tuple[Tensor, Tensor]:
        """Draft and denoised prediction, both (B, W, C)."""
        condition = self["conditioner"](batch.text, batch.reference, batch.keep_text, batch.keep_reference)
        audio = self["audio_encoder"](batch.mel)
        draft = self["regressor"](audio, condition)
        noisy = add_noise(batch.clean, batch.noise, batch.time, alphas)
        return draft, self["denoiser"](noisy, batch.time, audio, draft.detach(), condition)

    def forward(self, batch: TrainingBatch, alphas: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Draft, denoised prediction, and the phrases' logits (P, TEXT_LABELS) from the text branch alone."""
        draft, denoised = self.predict(batch.windows, alphas)
        conditioner: Any = self["conditioner"]
        return draft, denoised, conditioner.read_text(batch.phrases)[0]


def measure_statistics(data: TrainingData, params: TrainStyleE) -> Statistics:
    """Scales of motion and speech over the training clips."""
    clips = data.train
    frames = np.concatenate([clip.channels[clip.valid] for clip in clips])
    mel_mean, mel_std = band_statistics([clip.mel for clip in clips])
    statistics = Statistics(CHANNELS, params.bands)
    values = (
        ("motion_mean", frames.mean(0)),
        ("motion_std", np.maximum(frames.std(0), STD_FLOOR)),
        ("mel_mean", mel_mean),
        ("mel_std", mel_std),
        ("jaw_spread", np.mean([spread_of_jaw(clip.channels[clip.valid]) for clip in clips if clip.valid.any()])),
    )
    for name, value in values:
        getattr(statistics, name).copy_(torch.from_numpy(np.asarray(value)))
    return statistics


class StyleETraining(Training[TrainingBatch]):
    """The training of all networks of Style-E at once, validated on their moving average."""

    label = "Style-E"

    def __init__(
        self, params: TrainStyleE, data: TrainingData, text_encoder: TextEncoder, seed: int, device: torch.device
    ) -> None:
        self.params, self.text_encoder = params, text_encoder
        torch.manual_seed(seed)
        self.seed, self.bank = seed, data.bank
        self.statistics = measure_statistics(data, params)
        self.nets = StyleENets(params, text_encoder.size).to(device)
        self.scheduler = make_scheduler()
        self.alphas = self.scheduler.alphas_cumprod.to(device)
        std = self.statistics.motion_std.numpy()
        self.loss = MotionLoss(params.velocity_weight, params.lip_gap_weight, gap_direction(std).to(device))
        cutter = WindowCutter(
            params.window,
            params.context,
            self.statistics.motion_mean.numpy(),
            std,
            self.statistics.mel_mean.numpy(),
            self.statistics.mel_std.numpy(),
        )
        self.error = MotionLoss(0.0, 0.0, self.loss.gap)  # of trainings with other weights, too, this can be compared
        share = params.synthetic_share
        self.sampler = WindowSampler(
            [(data.tracked, 1 - share if data.spoken else 1.0), (data.spoken, share if data.tracked else 1.0)],
            cutter,
            data.bank.vectors,
            seed,
            params.batch_size,
            params.text_dropout,
            params.augment,
        )
        held_out = {"val_loss": data.tracked_val, "val_loss_synthetic": data.spoken_val}
        self.validation = {
            name: validation_batch(clips, cutter, data.bank.vectors).to(device)
            for name, clips in held_out.items()
            if clips
        }
        optimizer = torch.optim.AdamW(
            self.nets.parameters(), lr=params.lr, weight_decay=0.01, betas=(0.9, 0.99), fused=True
        )
        super().__init__(
            Pace(params.steps, params.log_every, params.checkpoint_every),
            {"nets": self.nets},
            {"nets": optimizer},
            {"nets": Ema(self.nets, params.ema)},
            device,
        )

    def draw_batch(self, number: int) -> TrainingBatch:
        """The windows of a step, and phrases to classify.

        Motion teaches a batch's few texts only; the phrases are far more, unusual wordings above all, at no cost.
        """
        phrases, labels = self.bank.draw_phrases(PHRASES, np.random.default_rng([self.seed, number, 1]))
        return TrainingBatch(self.sampler.batch(number), torch.from_numpy(phrases), torch.from_numpy(labels))

    def train_step(self, batch: TrainingBatch) -> Figures:
        draft, denoised, logits = self.networks["nets"](batch, self.alphas)
        clean, valid = batch.windows.clean, batch.windows.valid
        loss = LOSS_WEIGHTS["denoiser"] * self.loss(denoised, clean, valid)
        loss = loss + LOSS_WEIGHTS["regressor"] * self.loss(draft, clean, valid)
        loss = loss + LOSS_WEIGHTS["text_classification"] * nn.functional.cross_entropy(logits, batch.labels)
        rate = warmup_cosine(self.step, self.params.steps, WARMUP)
        self.minimize("nets", loss, rate, LARGEST_NORM)
        return {"loss": loss}

    def summarize(self, recent: Sequence[Mapping[str, float]]) -> dict[str, float]:
        return {**super().summarize(recent), **self.validate()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss of the averaged networks on held-out windows, by name of the set; `val_error` is without weights."""
        nets = self.averaged("nets")
        losses, errors = {}, {}
        for name, batch in self.validation.items():
            _, denoised = nets.predict(batch, self.alphas)
            losses[name] = float(self.loss(denoised, batch.clean, batch.valid))
            errors[name.replace("loss", "error")] = float(self.error(denoised, batch.clean, batch.valid))
        return losses | errors

    def pipeline(self) -> StyleEPipeline:
        """What the training has made so far."""
        clip = self.text_encoder if isinstance(self.text_encoder, ClipText) else None
        parts: dict[str, Any] = dict(self.averaged("nets").items())
        return StyleEPipeline(
            **parts,
            statistics=self.statistics,
            scheduler=self.scheduler,
            text_encoder=clip.model if clip else None,
            tokenizer=clip.tokenizer if clip else None,
            text=self.params.text_encoder,
        ).to(self.device)
