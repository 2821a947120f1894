"""The four networks of Style-E. Sizes live in their configs; each saves and loads by itself (diffusers `ModelMixin`).

Axes: B windows, W frames of a window, K mel bands, D text numbers, C channels of motion, H width.
"""

# mypy: allow-untyped-calls, allow-untyped-decorators, no-warn-return-any
# (diffusers, transformers and torch leave their functions untyped)
from __future__ import annotations

import math
from typing import Any

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn
from torch.nn import functional as F

from components.style_e.audio import MELS_PER_FRAME

TIME_FREQUENCIES = 64
NUANCE = 0.1  # of a text that its labels do not say


class Network(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """A part of the pipeline. Loaded, it computes the same bytes as when it was saved.

    Weights are copied into memory of torch's own: in a mapped file they lie at any address, and how wide a processor's
    sums are depends on that.
    """

    @classmethod
    def from_pretrained(cls, *args: Any, **options: Any) -> Any:
        network = super().from_pretrained(*args, **options)
        for tensor in (*network.parameters(), *network.buffers()):
            tensor.data = tensor.data.clone()
        return network


class Conditioner(Network):
    """Emotion text and reference face to one vector; either may be absent (a learned vector stands in).

    A text is read as shares of known looks (each emotion at each strength), and asks for these looks mixed: wordings
    that no clip ever came with ask for as much as trained ones. A bounded nuance of the very text comes on top.
    """

    @register_to_config
    def __init__(self, text_size: int, reference_size: int, width: int, labels: int) -> None:
        super().__init__()
        self.text = nn.Sequential(nn.Linear(text_size, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.to_labels = nn.Linear(width, labels)
        self.looks = nn.Linear(labels, width, bias=False)
        nn.init.normal_(self.looks.weight, std=0.5)
        self.nuance = nn.Linear(width, width)
        self.no_text = nn.Parameter(torch.zeros(width))
        self.reference = nn.Linear(reference_size, width)
        self.no_reference = nn.Parameter(torch.zeros(width))
        self._text_gain = math.sqrt(text_size) / 2  # unit vectors have entries of about 1 / sqrt(D)

    def read_text(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """Unit text vectors (B, D) -> logits of the labels (B, L), hidden (B, H)."""
        hidden = self.text(text * self._text_gain)
        return self.to_labels(hidden), hidden

    def embed_text(self, text: Tensor) -> Tensor:
        """The text branch alone: unit text vectors (B, D) -> (B, H)."""
        logits, hidden = self.read_text(text)
        return self.looks(torch.softmax(logits, -1)) + NUANCE * torch.tanh(self.nuance(hidden))

    def forward(self, text: Tensor, reference: Tensor, keep_text: Tensor, keep_reference: Tensor) -> Tensor:
        """text (B, D), reference (B, R), keep_* (B,) bool -> (B, H)."""
        text_embedding = torch.where(keep_text[:, None], self.embed_text(text), self.no_text)
        reference_embedding = torch.where(keep_reference[:, None], self.reference(reference * 5), self.no_reference)
        return text_embedding + reference_embedding


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width), nn.Conv1d(width, width, 3, padding=1), nn.SiLU(), nn.Conv1d(width, width, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class AudioEncoder(Network):
    """Mel features at 100 Hz to one vector a video frame, by convolutions with `context` frames on each side."""

    @register_to_config
    def __init__(self, bands: int, width: int, context: int) -> None:
        super().__init__()
        inner = max(8, width * 2 // 3)
        stride = MELS_PER_FRAME
        self.stem = nn.Sequential(
            nn.Conv1d(bands, inner, 5, padding=2),
            nn.SiLU(),
            nn.Conv1d(inner, width, 2 * stride, stride=stride, padding=stride // 2),
            nn.SiLU(),
        )
        self.blocks = nn.Sequential(*(_Residual(width) for _ in range(3)))

    def forward(self, mel: Tensor) -> Tensor:
        """(B, 4 (W + 2 context), K) -> (B, W, H)."""
        hidden = self.blocks(self.stem(mel.transpose(1, 2)))  # (B, H, W + 2 context)
        context: int = self.config["context"]
        return hidden[:, :, context : hidden.shape[2] - context].transpose(1, 2)


class MotionRegressor(Network):
    """The draft: motion straight from audio and condition. It gives the lips; the denoiser adds the rest."""

    @register_to_config
    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width, width)
        self.blur = nn.Conv1d(width, width, 3, padding=1)
        self.leave = nn.Linear(width, channels)

    def forward(self, audio: Tensor, condition: Tensor) -> Tensor:
        """audio (B, W, H), condition (B, H) -> (B, W, C)."""
        hidden = F.silu(self.enter(audio) + condition[:, None])
        return self.leave(F.silu(hidden + self.blur(hidden.transpose(1, 2)).transpose(1, 2)))


class _MixerBlock(nn.Module):
    """Mixes frames, then channels (AGRoL, Du et al., 2023), under scale and shift (FiLM, Perez et al., 2018)."""

    def __init__(self, width: int, window: int) -> None:
        super().__init__()
        self.norm_frames, self.norm_channels = nn.LayerNorm(width), nn.LayerNorm(width)
        self.frames = nn.Linear(window, window)
        self.channels = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.film = nn.Linear(width, 2 * width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x (B, W, H), condition (B, H) -> (B, W, H)."""
        scale, shift = self.film(condition)[:, None].chunk(2, -1)
        mixed = self.frames((self.norm_frames(x) * (1 + scale) + shift).transpose(1, 2))
        x = x + F.silu(mixed).transpose(1, 2)
        return x + self.channels(self.norm_channels(x))


class MotionDenoiser(Network):
    """Predicts the clean window from a noisy one, as a correction of the regressor's draft."""

    @register_to_config
    def __init__(self, channels: int, width: int, depth: int, window: int) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(2 * TIME_FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.enter = nn.Linear(2 * channels + width, width)
        self.blocks = nn.ModuleList(_MixerBlock(width, window) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, channels)
        nn.init.zeros_(self.leave.weight)  # at the start the prediction is the draft
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy: Tensor, time: Tensor, audio: Tensor, draft: Tensor, condition: Tensor) -> Tensor:
        """noisy, draft (B, W, C), time (B,) of 0-999, audio (B, W, H), condition (B, H) -> clean (B, W, C)."""
        falloff = torch.exp(-math.log(10_000) * torch.arange(TIME_FREQUENCIES, device=time.device) / TIME_FREQUENCIES)
        angle = time.to(noisy.dtype)[:, None] * falloff
        time_condition = F.silu(condition + self.time(torch.cat([angle.sin(), angle.cos()], -1)))
        hidden = self.enter(torch.cat([noisy, audio, draft], -1))
        for block in self.blocks:
            hidden = block(hidden, time_condition)
        return draft + self.leave(self.norm(hidden))


class Statistics(Network):
    """What the pipeline needs to know of the training clips: scales of motion and speech."""

    motion_mean: Tensor  # (C,)
    motion_std: Tensor  # (C,)
    mel_mean: Tensor  # (K,)
    mel_std: Tensor  # (K,)
    jaw_spread: Tensor  # () mean over clips of the standard deviation of jawOpen within the clip

    @register_to_config
    def __init__(self, channels: int, bands: int) -> None:
        super().__init__()
        self.register_buffer("motion_mean", torch.zeros(channels))
        self.register_buffer("motion_std", torch.ones(channels))
        self.register_buffer("mel_mean", torch.zeros(bands))
        self.register_buffer("mel_std", torch.ones(bands))
        self.register_buffer("jaw_spread", torch.zeros(()))
