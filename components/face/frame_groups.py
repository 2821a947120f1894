"""Frames of one person with what is known of each: picture, landmarks, coefficients."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.artifacts import DAMAGED, load_arrays, save_arrays
from components.common.errors import translated
from components.common.media import Image


@dataclass(frozen=True)
class FrameGroup:
    """Frames of one person in one setting.

    name: for error messages and seeds; identity: who; images: (N, S, S, 3) uint8; landmarks: (N, 478, 3) pixels of
    them; coefficients: (N, 58); styled: (M, S, S, 3) copies of the first M images in one art style, M may be 0.
    """

    name: str
    identity: str
    images: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    styled: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.images)

    def save(self, path: Path) -> None:
        """Write the frames without stylized copies."""
        arrays: dict[str, NDArray[Any]] = {
            "images": self.images, "landmarks": self.landmarks, "coefficients": self.coefficients
        }  # fmt: skip
        # One note: safetensors writes several in an order of its own each time.
        save_arrays(path, arrays, {"group": json.dumps([self.name, self.identity])})

    @classmethod
    def load(cls, path: Path) -> FrameGroup:
        """Raises `UserError` when the file is absent or damaged."""
        arrays, notes = load_arrays(path, ("images", "landmarks", "coefficients"))
        images = arrays["images"]
        with translated(f"{path} {DAMAGED}"):
            name, identity = json.loads(notes["group"])
        return cls(name, identity, images, arrays["landmarks"], arrays["coefficients"], images[:0])


def frame_group(
    name: str,
    identity: str,
    images: Sequence[Image],
    landmarks: Sequence[NDArray[np.floating]] | NDArray[np.floating],
    coefficients: Sequence[NDArray[np.floating]] | NDArray[np.floating],
    size: int,
) -> FrameGroup:
    """A group without stylized copies; it may be empty."""
    return FrameGroup(
        name,
        identity,
        np.stack(images) if len(images) else _no_images(size),
        np.asarray(landmarks, np.float32).reshape(-1, LANDMARKS, 3),
        np.asarray(coefficients, np.float32).reshape(-1, COEFFICIENTS),
        _no_images(size),
    )


def _no_images(size: int) -> NDArray[np.uint8]:
    return np.zeros((0, size, size, 3), np.uint8)
