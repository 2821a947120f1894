"""Batches of (portrait, frame to reach) for training the motion network. Each batch follows from (seed, step) alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from components.common.media import Image
from components.face.frame_groups import FrameGroup
from components.face.mesh import EYES, INNER_LOWER_LIP, INNER_MOUTH_CORNERS, INNER_UPPER_LIP, OUTER_EYE_CORNERS
from components.style_a.motion.condition import condition
from components.style_a.motion.network import Crop, MotionInput
from components.style_a.motion.prior import CLASSES, PortraitPrior, Prior, PriorFrame

TARGETS = 2  # frames per portrait: encoding the portrait is a third of the work
CALM_SOURCE = 0.3  # share of pairs that start from the group's calmest frame, as users' portraits do
FAR_CROP = 0.25  # share of training crops placed anywhere, so that hair and background are seen too
CROP_SCATTER = 9.0  # grid cells around the face's middle
GAIN, OFFSET = 0.25, 0.15  # color jitter in [-1, 1] values
FACE_WEIGHT, MOUTH_WEIGHT, LID_WEIGHT, BASE_WEIGHT = 0.8, 3.0, 2.0, 0.6


@dataclass(frozen=True)
class PairBatch:
    """portrait: (P, 3, S, S) in [-1, 1], each for B / P consecutive frames of the rest; target: (B, 3, S, S); weight:
    (B, 1, S, S) for the loss; crop: where to compute."""

    portrait: Tensor
    target: Tensor
    motion: MotionInput
    weight: Tensor
    crop: Crop

    def to(self, device: torch.device) -> PairBatch:
        motion = MotionInput(*(tensor.to(device) for tensor in self.motion))
        return PairBatch(self.portrait.to(device), self.target.to(device), motion, self.weight.to(device), self.crop)


@dataclass(frozen=True)
class _Sample:
    """One portrait and the frames to reach from it."""

    source: Image
    targets: list[Image]
    frames: list[PriorFrame]
    conditions: list[NDArray[np.float32]]
    landmarks: list[NDArray[np.float32]]


def to_picture(images: NDArray[np.uint8] | Image) -> Tensor:
    """(B, S, S, 3) uint8 -> (B, 3, S, S) float32 in [-1, 1], channels last."""
    tensor = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return tensor.contiguous(memory_format=torch.channels_last)


def to_motion(frames: Sequence[PriorFrame], conditions: Sequence[NDArray[np.float32]], side: int) -> MotionInput:
    """Prior frames over portraits of `side` pixels as the network's input, on the grid they come in."""
    grid = np.stack([frame.flow for frame in frames]) * np.float32(2 / side) - 1
    classes = np.eye(CLASSES, dtype=np.float32)[np.stack([frame.classes for frame in frames])]
    mouth = np.stack([frame.mouth for frame in frames])
    alpha = mouth[..., 3:]
    mouth = np.concatenate([(mouth[..., :3] * 2 - 1) * alpha, alpha], axis=-1)
    arrays = [np.ascontiguousarray(array.transpose(0, 3, 1, 2)) for array in (grid, classes, mouth)]
    grid_tensor, class_tensor, mouth_tensor = (torch.from_numpy(array) for array in arrays)
    return MotionInput(grid_tensor, class_tensor, mouth_tensor, torch.from_numpy(np.stack(conditions)))


def importance(landmarks: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """(size, size) loss weight of a target frame: face, mouth and lids count more than hair and background."""
    points = landmarks[:, :2].astype(np.float64)
    apart = float(np.linalg.norm(points[OUTER_EYE_CORNERS[0]] - points[OUTER_EYE_CORNERS[1]]))
    mouth = points[list(INNER_UPPER_LIP + INNER_LOWER_LIP)].mean(0)
    eyes = points[list(OUTER_EYE_CORNERS)].mean(0)
    axis = np.arange(size, dtype=np.float64) + 0.5

    def bump(center: NDArray[np.float64], width: float, height: float, power: int) -> NDArray[np.float64]:
        x = ((axis - center[0]) / (apart * width)) ** 2
        y = ((axis - center[1]) / (apart * height)) ** 2
        return np.asarray(np.exp(-((x[None, :] + y[:, None]) ** power)))

    weight = BASE_WEIGHT + FACE_WEIGHT * bump((eyes + mouth) / 2, 0.9, 1.1, 2)
    weight += MOUTH_WEIGHT * bump(mouth, 0.38, 0.30, 2)
    for eye in EYES:
        weight += LID_WEIGHT * bump(points[list(eye.upper_lid + eye.lower_lid)].mean(0), 0.22, 0.14, 2)
    return weight.astype(np.float32)


class PairSampler:
    """Draws batches from groups of frames. Priors of portraits are fitted once and kept."""

    def __init__(self, groups: Sequence[FrameGroup], prior: Prior, size: int, crop: int, seed: int) -> None:
        self._groups = groups
        self._prior = prior
        self._size = size
        self._crop = min(crop, size // 2) // 2 * 2
        self._seed = seed
        self._priors: dict[tuple[int, int, bool], PortraitPrior] = {}

    def batch(self, step: int, pairs: int, styled_fraction: float, jitter: bool = True) -> PairBatch:
        """The batch of a training step: `pairs` pairs, as few portraits as `TARGETS` each allow."""
        rng = np.random.default_rng([self._seed, step])
        targets_each = TARGETS if pairs % TARGETS == 0 else 1
        samples = [self._sample(rng, targets_each, styled_fraction, jitter) for _ in range(pairs // targets_each)]
        pictures = [target for sample in samples for target in sample.targets]
        frames = [frame for sample in samples for frame in sample.frames]
        conditions = [row for sample in samples for row in sample.conditions]
        landmarks = [points for sample in samples for points in sample.landmarks]
        places = [self._place_crop(rng, points) for points in landmarks]
        weight = np.stack([importance(points, self._size) for points in landmarks])[:, None]
        return PairBatch(
            to_picture(np.stack([sample.source for sample in samples])),
            to_picture(np.stack(pictures)),
            to_motion(frames, conditions, self._size),
            torch.from_numpy(weight),
            Crop(tuple(top for top, _ in places), tuple(left for _, left in places), self._crop),
        )

    def _sample(self, rng: np.random.Generator, targets: int, styled_fraction: float, jitter: bool) -> _Sample:
        """A portrait and `targets` frames to reach from it."""
        number = int(rng.integers(len(self._groups)))
        group = self._groups[number]
        is_styled = bool(rng.random() < styled_fraction) and len(group.styled) >= 2
        pictures = group.styled if is_styled else group.images
        first = 0 if rng.random() < CALM_SOURCE else int(rng.integers(len(pictures)))
        others = np.delete(np.arange(len(pictures)), first)
        indices = [int(i) for i in rng.choice(others, targets, replace=len(others) < targets)]
        prior = self._fit(number, first, is_styled)
        frames = [prior(group.coefficients[index], self._size // 2) for index in indices]
        source, goals = pictures[first], [pictures[index] for index in indices]
        gain, offset = rng.uniform(1 - GAIN, 1 + GAIN, 3), rng.uniform(-OFFSET, OFFSET, 3)
        if jitter and not is_styled:
            source, goals = _recolor(source, gain, offset), [_recolor(image, gain, offset) for image in goals]
            frames = [_recolor_mouth(frame, gain, offset) for frame in frames]
        reference = group.coefficients[first]
        conditions = [condition(reference, group.coefficients[index]) for index in indices]
        return _Sample(source, goals, frames, conditions, [group.landmarks[index] for index in indices])

    def _fit(self, number: int, index: int, is_styled: bool) -> PortraitPrior:
        key = (number, index, is_styled)
        if key not in self._priors:
            group = self._groups[number]
            picture = (group.styled if is_styled else group.images)[index]
            self._priors[key] = self._prior.fit(picture, group.landmarks[index], group.coefficients[index])
        return self._priors[key]

    def _place_crop(self, rng: np.random.Generator, landmarks: NDArray[np.floating]) -> tuple[int, int]:
        """Top and left of the crop in even grid cells: around the face, sometimes anywhere."""
        grid = self._size // 2
        middle = landmarks[[*OUTER_EYE_CORNERS, *INNER_MOUTH_CORNERS], :2].mean(0) / 2
        near = middle + rng.normal(0, CROP_SCATTER * grid / 128, 2)
        place = rng.uniform(0, grid, 2) if rng.random() < FAR_CROP else near
        left, top = (int(np.clip(c - self._crop / 2, 0, grid - self._crop)) // 2 * 2 for c in place)
        return top, left


def _recolor(image: Image, gain: NDArray[np.float64], offset: NDArray[np.float64]) -> Image:
    """Gain and offset per channel on [-1, 1] values."""
    levels = np.arange(256, dtype=np.float64)[:, None] / 127.5 - 1.0
    table = np.clip((levels * gain + offset + 1.0) * 127.5, 0, 255).round().astype(np.uint8)  # (256, 3)
    return np.stack([table[image[..., c], c] for c in range(3)], axis=-1)


def _recolor_mouth(frame: PriorFrame, gain: NDArray[np.float64], offset: NDArray[np.float64]) -> PriorFrame:
    """The same change for the mouth's inside, whose colors are in 0-1."""
    color = np.clip(frame.mouth[..., :3] * gain + (0.5 - gain * 0.5 + offset / 2), 0, 1)
    mouth = np.concatenate([color, frame.mouth[..., 3:]], axis=-1).astype(np.float32)
    return PriorFrame(frame.flow, frame.classes, mouth)
