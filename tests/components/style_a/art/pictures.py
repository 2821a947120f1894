"""Drawn pictures for tests of the art phase: a crude face, and rough patches of color."""

from __future__ import annotations

import cv2
import numpy as np

from components.common.media import Image


def face(size: int = 128, seed: int = 0) -> Image:
    """A crude face: enough edges and flats for brushes to act on."""
    rng = np.random.default_rng(seed)
    unit = size / 128
    image = np.full((size, size, 3), rng.integers(60, 200, 3), np.uint8)

    def disk(x: float, y: float, rx: float, ry: float, color: tuple[int, int, int]) -> None:
        center, axes = (round(x * unit), round(y * unit)), (round(rx * unit), round(ry * unit))
        cv2.ellipse(image, center, axes, 0, 0, 360, color, -1, cv2.LINE_AA)

    skin = tuple(int(v) for v in rng.integers(120, 240, 3))
    disk(64, 64, 36, 46, skin)
    disk(64, 26, 38, 22, (60, 35, 20))
    for x in (50, 78):
        disk(x, 60, 7, 4, (245, 245, 245))
        disk(x, 60, 3, 3, (40, 60, 90))
    disk(64, 92, 14, 5, (170, 60, 60))
    light = np.linspace(0.75, 1.15, size)[:, None, None]  # flat areas would leave some tones empty
    return np.clip(cv2.GaussianBlur(image, (0, 0), 0.6 * unit) * light, 0, 255).astype(np.uint8)


def picture(height: int, width: int, seed: int = 0) -> Image:
    """Patches of random colors, darker to the left."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.float32)
    rows, columns = np.linspace(0, 5, height), np.linspace(0, 5, width)
    rough = small[np.round(rows).astype(int)][:, np.round(columns).astype(int)]
    return (rough * np.linspace(0.6, 1, width)[None, :, None]).astype(np.uint8)
