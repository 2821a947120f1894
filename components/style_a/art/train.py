"""Training of phase 1: stylized portraits from portraits and art pictures.

Every step's randomness follows from (seed, step), so a resumed training ends in the same weights as an unbroken one.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from components.common.artifacts import atomic
from components.common.checkpoint import Checkpoint, pack_optimizer, training_key, unpack_optimizer
from components.common.errors import UserError
from components.common.media import Image
from components.common.params import TrainStyleA
from components.common.progress import track
from components.common.runtime import pick_device, seed_everything
from components.common.tracking import NullTracker, Tracker
from components.style_a import losses
from components.style_a.art.discriminator import PatchDiscriminator
from components.style_a.art.pairs import Batch, StyleCorpus, build_corpus, draw_batch, to_tensor
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.synthesis import ArtConfig

CUSTOM = "custom"  # the style of the user's own art pictures
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
WARMUP = 40  # steps
TEACHER = 0.6  # share of samples whose class is given rather than recognized
PERCEPTUAL, GRADIENT, CLASS, MASK, STATISTICS, CONTENT = 0.08, 0.3, 0.3, 5e-4, 0.3, 0.5  # loss weights
COLUMNS = ("step", "loss", "l1", "class_accuracy", "discriminator")


def train_art(
    params: TrainStyleA,
    stills: Sequence[Image],
    folder: Path,
    seed: int,
    plots: Path,
    checkpoint: Path,
    tracker: Tracker | None = None,
    device: str = "cpu",
    threads: int = 1,
) -> dict[str, float]:
    """Train on (H, W, 3) uint8 `stills` of several people and write the model to `folder`.

    plots: CSV of the training figures. checkpoint: folder of the resumable state, kept until
    `art_checkpoint(...).clear()`. Returns the figures on stills held out from training.
    Raises `UserError` when there are too few stills or the art folder holds no picture.
    """
    if len(stills) < 4:
        raise UserError(f"train_style_a.art.portraits: at least 4 stills are needed, not {len(stills)}")
    seed_everything(seed, threads)
    cv2.setNumThreads(1)
    held_out = max(1, len(stills) // 8)
    custom = read_art_folder(params.art.art_folder)
    corpus = build_corpus(stills[:-held_out], seed, custom)
    training = ArtTraining(params, corpus, seed, pick_device(device))
    state = art_checkpoint(params, stills, seed, checkpoint)
    training.resume(state)
    training.run(state, plots, tracker or NullTracker())
    stylist = training.finish()
    stylist.save_pretrained(folder)
    return evaluate(stylist, build_corpus(stills[-held_out:], seed, variety=False, label="held-out styles"), corpus)


def art_checkpoint(params: TrainStyleA, stills: Sequence[Image], seed: int, folder: Path) -> Checkpoint:
    """Where the training named by these inputs keeps its state; the caller clears it when its stage has ended."""
    digest = hashlib.sha256()
    for picture in [*stills, *read_art_folder(params.art.art_folder)]:
        digest.update(np.ascontiguousarray(picture).tobytes())
    named = {"phase": "art", "seed": seed, "ema": params.ema, "pictures": digest.hexdigest()}
    return Checkpoint(folder, training_key({**named, "art": params.art.model_dump()}))


def read_art_folder(name: str) -> list[Image]:
    """The pictures of the user's art folder, sorted by name; none for an empty name."""
    if not name:
        return []
    paths = sorted(path for path in Path(name).glob("*") if path.suffix.lower() in PICTURES)
    pictures = [cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR) for path in paths]
    readable = [cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in pictures if picture is not None]
    if not readable:
        raise UserError(f"train_style_a.art.art_folder: {name} holds no readable picture ({', '.join(PICTURES)})")
    return [np.asarray(picture, np.uint8) for picture in readable]


class ArtTraining:
    """Networks, optimizers and the step; what is saved and resumed."""

    def __init__(self, params: TrainStyleA, corpus: StyleCorpus, seed: int, device: torch.device) -> None:
        self.params, self.corpus, self.seed, self.device = params, corpus, seed, device
        styles = STYLE_NAMES + ((CUSTOM,) if corpus.custom else ())
        torch.manual_seed(seed)
        self.stylist = ArtStylist(ArtConfig(styles)).to(device, memory_format=torch.channels_last)
        self.generator = self.stylist.generator
        self.discriminator = PatchDiscriminator(len(styles) + 1).to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.features = losses.FrozenFeatures(0).to(device)
        self.optimizer = torch.optim.AdamW(self.generator.parameters(), params.art.lr, betas=(0.9, 0.99))
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
                write_rows(plots, self.rows)
            if self.step % params.checkpoint_every == 0 or self.step == steps:
                self.save(checkpoint)
        write_rows(plots, self.rows)

    def train_step(self) -> dict[str, float]:
        """One step of generator and discriminator; returns its figures."""
        art = self.params.art
        rng = np.random.default_rng((self.seed, 1, self.step))
        batch = _to_device(draw_batch(self.corpus, art.batch_size, art.crop, rng), self.device)
        self._set_rate()
        self.generator.train()
        output, mask, logits = self._forward(batch, torch.from_numpy(rng.random(art.batch_size) < TEACHER))
        loss, l1 = self._reconstruction(output, batch)
        styled = batch.label > 0
        loss = loss + MASK * mask
        if bool(styled.any()):
            loss = loss + CLASS * functional.cross_entropy(logits[styled], batch.label[styled] - 1)
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
        right = (logits.argmax(1) == batch.label - 1)[styled].float()
        accuracy = right.mean() if len(right) else torch.ones(())
        figures = {"loss": loss, "l1": l1, "class_accuracy": accuracy, "discriminator": critic_loss}
        return {key: float(value.detach()) for key, value in figures.items()}

    def finish(self) -> ArtStylist:
        """The averaged model, with its measure of novelty fitted to the training art."""
        self.generator.load_state_dict(self.average.state_dict())
        self.stylist.eval()
        fit_novelty(self.stylist, self.corpus)
        return self.stylist

    def _forward(self, batch: Batch, teach: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        generator = self.generator
        encoder = generator.style_encoder
        portrait_code = generator.portrait_code(batch.portrait_view, batch.portrait_palette)
        deviation = encoder.deviation(batch.art_view)
        given = torch.where(teach.to(self.device) & (batch.label > 0), batch.label, torch.full_like(batch.label, -1))
        art_code = encoder.code(deviation, batch.art_palette, given)
        code = generator.interpolate(portrait_code, art_code, batch.degree)
        output, mask = generator(batch.bank, code)
        return output.contiguous(memory_format=torch.channels_last), mask, encoder.logits(deviation)

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
            group["lr"] = self.params.art.lr * rate

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


@torch.inference_mode()
def fit_novelty(stylist: ArtStylist, corpus: StyleCorpus) -> None:
    """Tell the model's novelty measure what pictures of the known styles look like."""
    encoder = stylist.generator.style_encoder
    pictures = [(target, k) for targets in corpus.targets for k, target in enumerate(targets)]
    pictures += [(picture, len(STYLE_NAMES)) for picture in corpus.custom]
    features = [encoder.describe(to_tensor([picture]).to(stylist.device))[0] for picture, _ in pictures]
    stylist.novelty.fit(torch.stack(features), torch.tensor([label for _, label in pictures], device=stylist.device))


def evaluate(stylist: ArtStylist, held_out: StyleCorpus, arts: StyleCorpus) -> dict[str, float]:
    """PSNR against the stylizers at degree 1 (and of the unstyled portrait), and styles recognized from art pictures.

    The art pictures are training portraits', so identities and layouts differ from the portrait's.
    """
    made, unstyled, recognized = [], [], []
    for n in range(min(6, len(held_out.banks))):
        portrait = held_out.portrait(n)
        for k, name in enumerate(STYLE_NAMES):
            same = np.flatnonzero(arts.variants[:, k] == held_out.variants[n, k])
            art = arts.targets[same[n % len(same)], k]
            target = held_out.targets[n, k]
            made.append(psnr(stylist.stylize(portrait, art, 1.0), target))
            unstyled.append(psnr(portrait, target))
            shares = stylist.recognize(target)
            recognized.append(max(STYLE_NAMES, key=shares.__getitem__) == name)
    return {
        "art_psnr": float(np.mean(made)),
        "art_psnr_unstyled": float(np.mean(unstyled)),
        "art_style_accuracy": float(np.mean(recognized)),
    }


def psnr(a: Image, b: Image) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, dB (99 when equal)."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


def write_rows(path: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Training figures as CSV, replaced as a whole."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with atomic(path) as temporary:
        temporary.write_text(buffer.getvalue(), encoding="utf-8")


def _rows(features: list[Tensor], which: Tensor) -> list[Tensor]:
    return [feature[which] for feature in features]


def _below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Entries of one part of a checkpoint, without its name."""
    prefix = f"{name}/"
    return {key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)}


def _to_device(batch: Batch, device: torch.device) -> Batch:
    moved: dict[str, Any] = {name: value.to(device) for name, value in vars(batch).items()}
    return Batch(**moved)
