"""Photo-like variety for rendered stills: what lies around, on and between real faces and the camera.

Rendered heads are smooth, evenly lit and stand before plain walls. A stylizer trained on them alone misjudges hair,
skin texture and clutter of photographs. Every draw comes from the generator given; pictures are float32 in [0, 1].
"""

from __future__ import annotations

import cv2
import numpy as np

from components.common.media import Image
from components.style_a.art.strokes import Picture, Plane, blur

LEAVES = 90


def as_photo(image: Image, rng: np.random.Generator) -> Image:
    """A rendered (H, W, 3) still as if photographed: reframed, before clutter, textured, lit, exposed, noisy."""
    picture: Picture = _reframe(image, rng).astype(np.float32) / 255
    height, width = picture.shape[:2]
    if rng.random() < 0.6:
        mask = _figure(height, width, rng)[..., None]
        picture = dead_leaves(height, width, rng) * (1 - mask) + picture * mask
    picture = picture * (1 + rng.uniform(0.02, 0.12) * _cloud(height, width, rng)[..., None])
    picture = picture * (1 + rng.uniform(0, 0.45) * _slope(height, width, rng)[..., None])
    return _expose(picture, rng)


def as_texture(height: int, width: int, rng: np.random.Generator) -> Image:
    """A picture without a face: overlapping shapes with the statistics of natural images."""
    picture = dead_leaves(height, width, rng)
    picture = picture * (1 + rng.uniform(0.1, 0.3) * _cloud(height, width, rng)[..., None])
    return _expose(picture, rng)


def dead_leaves(height: int, width: int, rng: np.random.Generator) -> Picture:
    """Random ellipses over each other, sizes by a power law, as edges in photographs occlude (Lee et al. 2001)."""
    base = rng.uniform(0.05, 0.9, 3)
    canvas = np.full((height, width, 3), base, np.float32)
    side = min(height, width)
    smallest, largest = 0.02, 0.35
    for u in rng.random(LEAVES):
        radius = side / np.sqrt(u / smallest**2 + (1 - u) / largest**2)
        center = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (max(1, int(radius)), max(1, int(radius * rng.uniform(0.25, 1))))
        color = np.clip(base + rng.normal(0, 0.28) + rng.normal(0, 0.09, 3), 0, 1)
        cv2.ellipse(canvas, center, axes, float(rng.uniform(0, 180)), 0, 360, color.tolist(), -1, cv2.LINE_AA)
    return blur(canvas, rng.uniform(0.4, 3.0))


def _reframe(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    zoom = rng.uniform(1.0, 1.5)
    rows, columns = int(height / zoom), int(width / zoom)
    top = int(rng.integers(0, height - rows + 1))
    left = int(rng.integers(0, width - columns + 1))
    view = cv2.resize(image[top : top + rows, left : left + columns], (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(view[:, ::-1] if rng.random() < 0.5 else view)


def _figure(height: int, width: int, rng: np.random.Generator) -> Plane:
    """Soft mask of head and shoulders in the middle of the picture."""
    mask = np.zeros((height, width), np.float32)
    middle = int(width * rng.uniform(0.45, 0.55))
    head = (int(width * rng.uniform(0.26, 0.38)), int(height * rng.uniform(0.36, 0.46)))
    cv2.ellipse(mask, (middle, int(height * 0.48)), head, 0, 0, 360, 1.0, -1)
    cv2.ellipse(mask, (middle, height), (int(width * 0.45), int(height * 0.24)), 0, 0, 360, 1.0, -1)
    return blur(mask, rng.uniform(1.0, 5.0))


def _cloud(height: int, width: int, rng: np.random.Generator) -> Plane:
    """Noise with a falling spectrum, unit deviation: hair, skin, cloth."""
    total = np.zeros((height, width), np.float32)
    for sigma in (0.6, 1.5, 4.0, 10.0):
        layer = blur(rng.standard_normal((height, width)).astype(np.float32), sigma)
        total += layer / layer.std() * np.float32(rng.uniform(0.3, 1.0))
    return np.asarray(total / total.std())


def _slope(height: int, width: int, rng: np.random.Generator) -> Plane:
    """Light from one side, in [-1, 1]."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.asarray((np.cos(angle) * columns + np.sin(angle) * rows) / np.float32(1.4142), np.float32)


def _expose(picture: Picture, rng: np.random.Generator) -> Image:
    """White balance, saturation, contrast, gamma, sensor noise."""
    picture = np.clip(picture * rng.uniform(0.88, 1.12, 3).astype(np.float32), 0, 1)
    gray = picture.mean(-1, keepdims=True)
    picture = gray + (picture - gray) * np.float32(rng.uniform(0.25, 1.25))
    picture = 0.5 + (picture - 0.5) * np.float32(rng.uniform(0.8, 1.5)) + np.float32(rng.normal(0, 0.06))
    picture = np.clip(picture, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.35)))
    noisy = picture + rng.normal(0, rng.uniform(0, 0.02), picture.shape)
    return np.asarray(np.clip(noisy * 255 + 0.5, 0, 255).astype(np.uint8))
