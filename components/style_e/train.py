"""Training of Style-E: one loop of a fixed number of steps, resumable to the same bytes.

The regressor and the denoiser learn together. The denoiser corrects the regressor's draft but does not teach it: the
draft enters it detached, so that lips stay a plain regression.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from components.common.checkpoint import Checkpoint, pack_optimizer, unpack_optimizer
from components.common.params import TrainStyleE
from components.common.progress import track
from components.common.step_log import write_steps
from components.common.tracker import NullTracker, Tracker
from components.style_e.audio import band_statistics
from components.style_e.batches import Batch, WindowCutter, WindowSampler, validation_batch
from components.style_e.channels import CHANNELS, REFERENCE, spread_of_jaw
from components.style_e.dataset import MotionClip
from components.style_e.losses import MotionLoss, add_noise, gap_direction
from components.style_e.networks import AudioEncoder, Conditioner, MotionDenoiser, MotionRegressor, Statistics
from components.style_e.pipeline import StyleEPipeline
from components.style_e.text_encoder import ClipText, TextEncoder
from components.style_e.texts import MEANINGS, TextBank
from components.style_e.windows import make_scheduler

STD_FLOOR = 0.03  # of a channel: one that hardly moves must not be blown up
WARM_UP = 30  # steps
QUIZ_TEXTS = 128  # phrasings a step
QUIZ_WEIGHT = 0.1


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


class StyleENets(nn.ModuleDict):
    """The learned networks under the names that the pipeline uses, and a reader of texts that only trains them."""

    def __init__(self, params: TrainStyleE, text_size: int) -> None:
        width = params.width
        super().__init__(
            {
                "conditioner": Conditioner(text_size, REFERENCE, width),
                "audio_encoder": AudioEncoder(params.bands, width, params.context),
                "regressor": MotionRegressor(CHANNELS, width),
                "denoiser": MotionDenoiser(CHANNELS, width, params.blocks, params.window),
                "text_reader": nn.Linear(width, MEANINGS),  # for training only
            }
        )

    def forward(self, batch: Batch, alphas: Tensor) -> tuple[Tensor, Tensor]:
        """Draft and denoised prediction, both (B, W, C)."""
        condition = self["conditioner"](batch.text, batch.reference, batch.keep_text, batch.keep_reference)
        audio = self["audio_encoder"](batch.mel)
        draft = self["regressor"](audio, condition)
        noisy = add_noise(batch.clean, batch.noise, batch.time, alphas)
        return draft, self["denoiser"](noisy, batch.time, audio, draft.detach(), condition)


def measure_statistics(data: TrainingData, params: TrainStyleE) -> Statistics:
    """Scales of motion and speech over the training clips, and the emotions' mean wordings."""
    clips = data.train
    frames = np.concatenate([clip.channels[clip.valid] for clip in clips])
    mel_mean, mel_std = band_statistics([clip.mel for clip in clips])
    prototypes = data.bank.prototypes()
    statistics = Statistics(CHANNELS, params.bands, prototypes.shape[1], len(prototypes))
    values = (
        ("motion_mean", frames.mean(0)),
        ("motion_std", np.maximum(frames.std(0), STD_FLOOR)),
        ("mel_mean", mel_mean),
        ("mel_std", mel_std),
        ("jaw_spread", np.mean([spread_of_jaw(clip.channels[clip.valid]) for clip in clips if clip.valid.any()])),
        ("emotion_texts", prototypes),
    )
    for name, value in values:
        getattr(statistics, name).copy_(torch.from_numpy(np.asarray(value)))
    return statistics


def learning_rate(step: int, params: TrainStyleE) -> float:
    """Linear warm-up, then a cosine to a hundredth at the last step."""
    progress = min(1.0, step / params.steps)
    return params.lr * min(1.0, (step + 1) / WARM_UP) * (0.5 * (1 + math.cos(math.pi * progress)) + 0.01)


class Trainer:
    """The state of one training: networks, their moving average, optimizer, step, rows of figures."""

    def __init__(
        self, params: TrainStyleE, data: TrainingData, text_encoder: TextEncoder, seed: int, device: torch.device
    ) -> None:
        self.params, self.device, self.text_encoder = params, device, text_encoder
        torch.manual_seed(seed)
        self.seed, self.bank = seed, data.bank
        self.statistics = measure_statistics(data, params)
        self.nets = StyleENets(params, text_encoder.size).to(device)
        self.average = {name: value.detach().clone() for name, value in self.nets.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            self.nets.parameters(), lr=params.lr, weight_decay=0.01, betas=(0.9, 0.99), fused=True
        )
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
        self.step = 0
        self.rows: list[dict[str, float]] = []
        self.recent: list[float] = []  # losses since the last row

    def train_step(self) -> float:
        """One optimizer step on the batch of this step; returns its loss."""
        self.nets.train()
        rate = learning_rate(self.step, self.params)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = self.sampler.batch(self.step).to(self.device)
        draft, denoised = self.nets(batch, self.alphas)
        loss = self.loss(denoised, batch.clean, batch.valid) + self.loss(draft, batch.clean, batch.valid)
        loss = loss + QUIZ_WEIGHT * self._quiz()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.nets.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self._update_average()
        return float(loss.detach())

    def _quiz(self) -> Tensor:
        """Loss of naming emotion and level from the text branch alone, on many phrasings.

        Motion teaches a batch's few texts only; this reads far more of them, unusual wordings above all, at no cost.
        """
        vectors, classes = self.bank.quiz(QUIZ_TEXTS, np.random.default_rng([self.seed, self.step, 1]))
        conditioner: Any = self.nets["conditioner"]
        scores = self.nets["text_reader"](conditioner.embed_text(torch.from_numpy(vectors).to(self.device)))
        return nn.functional.cross_entropy(scores, torch.from_numpy(classes).to(self.device))

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.params.ema, (1 + self.step) / (10 + self.step))  # follows closely at first
        state = self.nets.state_dict()
        torch._foreach_lerp_(list(self.average.values()), [state[name] for name in self.average], 1 - decay)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss of the averaged networks on held-out windows, by name of the set."""
        nets = self.averaged()
        losses = {}
        for name, batch in self.validation.items():
            _, denoised = nets(batch, self.alphas)
            losses[name] = float(self.loss(denoised, batch.clean, batch.valid))
        return losses

    def averaged(self) -> StyleENets:
        """Networks with the averaged weights."""
        nets = StyleENets(self.params, self.text_encoder.size).to(self.device)
        nets.load_state_dict(self.average)
        return nets.eval()

    def pipeline(self) -> StyleEPipeline:
        """What the training has made so far."""
        clip = self.text_encoder if isinstance(self.text_encoder, ClipText) else None
        parts: dict[str, Any] = {name: net for name, net in self.averaged().items() if name != "text_reader"}
        return StyleEPipeline(
            **parts,
            statistics=self.statistics,
            scheduler=self.scheduler,
            text_encoder=clip.model if clip else None,
            tokenizer=clip.tokenizer if clip else None,
            text=self.params.text_encoder,
        ).to(self.device)

    def save(self, checkpoint: Checkpoint) -> None:
        weights = {f"nets.{name}": value for name, value in self.nets.state_dict().items()}
        average = {f"average.{name}": value for name, value in self.average.items()}
        checkpoint.save(
            {**weights, **average, **pack_optimizer(self.optimizer)},
            {"step": self.step, "rows": self.rows, "recent": self.recent},
        )

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from the checkpoint, if there is one."""
        stored = checkpoint.load()
        if stored is None:
            return
        tensors, numbers = stored
        self.nets.load_state_dict(_below("nets.", tensors))
        self.average = {name: value.to(self.device) for name, value in _below("average.", tensors).items()}
        unpack_optimizer(self.optimizer, tensors)
        self.step, self.rows, self.recent = int(numbers["step"]), list(numbers["rows"]), list(numbers["recent"])


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def train(
    trainer: Trainer,
    checkpoint: Checkpoint | None = None,
    tracker: Tracker | None = None,
    plots: Path | None = None,
) -> dict[str, float]:
    """Run the remaining steps; returns the last row of figures.

    `trainer.rows` holds one row per `log_every`, and so does the CSV file `plots` while the training runs.
    """
    params, tracker = trainer.params, tracker or NullTracker()
    if checkpoint is not None:
        trainer.resume(checkpoint)
    for _ in track(range(trainer.step, params.steps), "Style-E"):
        trainer.recent.append(trainer.train_step())
        step = trainer.step
        if step % params.log_every == 0 or step == params.steps:
            row = {"step": float(step), "loss": float(np.mean(trainer.recent)), **trainer.validate()}
            trainer.recent.clear()
            trainer.rows.append(row)
            if plots is not None:
                write_steps(plots, trainer.rows)
            tracker.log_metrics({name: value for name, value in row.items() if name != "step"}, step=step)
        if checkpoint is not None and step % params.checkpoint_every == 0:
            trainer.save(checkpoint)
    return dict(trainer.rows[-1])
