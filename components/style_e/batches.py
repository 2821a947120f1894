"""Random training windows. A batch depends on (seed, step) alone, so a resumed training sees the same batches.

Axes: B windows, W frames, K bands, C channels, D text numbers, R reference numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from components.common.artifacts import FPS
from components.style_e.audio import MELS_PER_FRAME, augment, normalize
from components.style_e.channels import CHANNELS, REFERENCE
from components.style_e.dataset import MotionClip

INFERENCE_TIMES = np.array([999, 799, 599, 399, 199])  # of 5 trailing DDIM steps
INFERENCE_SHARE = 0.7  # of the samples train at exactly these times
REFERENCE_NOISE = 0.03
REFERENCE_DROPOUT = 0.1
AUGMENTED_SECONDS = 12  # longer clips are augmented around the window only


@dataclass(frozen=True)
class Batch:
    """Windows with everything the loss needs."""

    mel: Tensor  # (B, 4 (W + 2 context), K)
    clean: Tensor  # (B, W, C) z-scored
    valid: Tensor  # (B, W, 1) 1 where the frame counts
    text: Tensor  # (B, D)
    reference: Tensor  # (B, R)
    keep_text: Tensor  # (B,) bool
    keep_reference: Tensor  # (B,) bool
    time: Tensor  # (B,) diffusion step
    noise: Tensor  # (B, W, C)

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, f.name).to(device) for f in fields(self)))


@dataclass(frozen=True)
class WindowCutter:
    """Cuts windows out of clips and normalizes them."""

    window: int
    context: int
    motion_mean: NDArray[np.float32]  # (C,)
    motion_std: NDArray[np.float32]
    mel_mean: NDArray[np.float32]  # (K,)
    mel_std: NDArray[np.float32]

    def features(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        """A clip's (M, K) log mel, normalized, with silence around: (M + 2 * 4 * (context + window), K)."""
        return normalize(mel, self.mel_mean, self.mel_std, MELS_PER_FRAME * (self.context + self.window))

    def mel_window(self, features: NDArray[np.float32], start: int) -> NDArray[np.float32]:
        first = MELS_PER_FRAME * (start + self.window)
        return features[first : first + MELS_PER_FRAME * (self.window + 2 * self.context)]

    def motion_window(self, clip: MotionClip, start: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(W, C) z-scored and (W, 1) validity; past the clip's end the last frame repeats and does not count."""
        rows = np.arange(start, start + self.window)
        inside = np.minimum(rows, clip.frames - 1)
        counts = clip.valid[inside] & (rows < clip.frames)
        return (clip.channels[inside] - self.motion_mean) / self.motion_std, counts[:, None].astype(np.float32)


class WindowSampler:
    """Draws the batch of a step.

    groups: lists of clips with the share of samples each gets; empty lists are skipped.
    """

    def __init__(
        self,
        groups: Sequence[tuple[Sequence[MotionClip], float]],
        cutter: WindowCutter,
        texts: NDArray[np.float32],
        seed: int,
        batch_size: int,
        text_dropout: float,
        augmented: float,
    ) -> None:
        filled = [(list(clips), share) for clips, share in groups if clips and share > 0]
        shares = np.array([share for _, share in filled])
        self.clips = [clip for clips, _ in filled for clip in clips]
        sizes = [len(clips) for clips, _ in filled]
        # Within a group, longer clips are drawn more often: every window is as likely.
        weights = np.array([max(clip.frames - cutter.window + 1, 1) for clip in self.clips], np.float64)
        bounds = np.cumsum([0, *sizes])
        for group, share in enumerate(shares / shares.sum()):
            inside = slice(bounds[group], bounds[group + 1])
            weights[inside] *= share / weights[inside].sum()
        self.chances = weights
        self.cutter = cutter
        self.texts = texts
        self.seed = seed
        self.batch_size = batch_size
        self.text_dropout = text_dropout
        self.augmented = augmented
        self._plain = [cutter.features(clip.mel) for clip in self.clips]

    def batch(self, step: int) -> Batch:
        rng = np.random.default_rng([self.seed, step])
        size, window = self.batch_size, self.cutter.window
        chosen = rng.choice(len(self.clips), size, p=self.chances)
        rows = [self._row(int(i), rng.random() < self.augmented, rng) for i in chosen]
        mel, clean, valid, text, reference = (np.stack(column).astype(np.float32) for column in zip(*rows, strict=True))
        reference = reference + rng.normal(0, REFERENCE_NOISE, (size, REFERENCE)).astype(np.float32)
        keep_text = rng.random(size) >= self.text_dropout
        keep_reference = rng.random(size) >= REFERENCE_DROPOUT
        at_inference = rng.random(size) < INFERENCE_SHARE
        time = np.where(at_inference, rng.choice(INFERENCE_TIMES, size), rng.integers(0, 1000, size))
        noise = rng.standard_normal((size, window, CHANNELS), np.float32)
        arrays = (mel, clean, valid, text, reference, keep_text, keep_reference, time, noise)
        return Batch(*(torch.from_numpy(array) for array in arrays))

    def _row(self, index: int, changed: bool, rng: np.random.Generator) -> tuple[NDArray[np.float32], ...]:
        clip, cutter = self.clips[index], self.cutter
        start = int(rng.integers(0, max(clip.frames - cutter.window, 0) + 1))
        features, first = self._plain[index], start
        if changed:
            near = max(0, start - AUGMENTED_SECONDS * FPS // 2)
            stretch = clip.mel[MELS_PER_FRAME * near : MELS_PER_FRAME * (near + AUGMENTED_SECONDS * FPS)]
            features, first = cutter.features(augment(stretch, rng)), start - near
        clean, valid = cutter.motion_window(clip, start)
        text = self.texts[rng.choice(clip.texts)]
        reference = clip.references[int(rng.integers(len(clip.references)))]
        return cutter.mel_window(features, first), clean, valid, text, reference


def validation_batch(clips: Sequence[MotionClip], cutter: WindowCutter, texts: NDArray[np.float32]) -> Batch:
    """All windows of the clips, side by side, at the inference times in turn, always with the same noise."""
    rng = np.random.default_rng(0)
    rows = []
    for clip in clips:
        features = cutter.features(clip.mel)
        for start in range(0, max(clip.frames - cutter.window, 0) + 1, cutter.window):
            motion, counts = cutter.motion_window(clip, start)
            rows.append((cutter.mel_window(features, start), motion, counts, texts[clip.texts[0]], clip.references[0]))
    size = len(rows)
    columns = (np.stack(column).astype(np.float32) for column in zip(*rows, strict=True))
    yes = torch.ones(size, dtype=torch.bool)
    time = torch.from_numpy(np.resize(INFERENCE_TIMES, size))
    noise = torch.from_numpy(rng.standard_normal((size, cutter.window, CHANNELS), np.float32))
    mel, clean, valid, text, reference = map(torch.from_numpy, columns)
    return Batch(mel, clean, valid, text, reference, yes, yes, time, noise)
