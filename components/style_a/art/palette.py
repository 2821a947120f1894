"""Colors of a picture: a palette by tone for the style code, and closed-form palette transfer for unknown art.

Axes: H, W pixels. Lab is OpenCV's float CIE L*a*b* (L in 0..100).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art.strokes import Picture, vector

TONES = 5
PALETTE_SIZE = 3 * TONES + 6
_SAMPLE_SIDE = 64
_LEAST_SPREAD = 4.0  # L*a*b* units added to both covariances, so that a flat picture stays finite
_STRONGEST_GAIN = 1.7  # bound of the transfer's stretch, so that noise of gray pictures is not blown up into color


def tone_palette(image: Image) -> NDArray[np.float32]:
    """(PALETTE_SIZE,): mean RGB of five equal tone ranks, then mean and deviation of RGB, all about [-1, 1].

    What flat inks a print uses is written in these numbers; a network need not discover it.
    """
    small = cv2.resize(image, (_SAMPLE_SIDE, _SAMPLE_SIDE), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    colors = small.astype(np.float32) / 127.5 - 1
    order = np.argsort(colors @ vector(0.299, 0.587, 0.114), kind="stable")
    ranks = np.array_split(colors[order], TONES)
    return np.concatenate([*(rank.mean(0) for rank in ranks), colors.mean(0), colors.std(0)]).astype(np.float32)


def _lab(image: Image) -> Picture:
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _root(matrix: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**power) @ vectors.T)


def transfer_matrix(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The symmetric map that takes covariance `source` to `target` with least change (optimal transport of Gaussians).

    A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2 (Pitie & Kokaram 2007, "linear Monge-Kantorovitch").
    """
    root, inverse = _root(source, 0.5), _root(source, -0.5)
    matrix = inverse @ _root(root @ target @ root, 0.5) @ inverse
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.minimum(values, _STRONGEST_GAIN)) @ vectors.T)


def _covariance(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3) -> (3, 3) without the terms between lightness and color: else a white dress turns bright skin blue."""
    spread = np.cov(lab.T) if len(lab) > 1 else np.zeros((3, 3))  # a single pixel has none
    matrix = spread + _LEAST_SPREAD * np.eye(3)
    matrix[0, 1:] = matrix[1:, 0] = 0
    return np.asarray(matrix)


def transfer_palette(image: Image, art: Image, amount: float) -> Image:
    """`image` with mean and covariance of its Lab colors moved toward those of `art`.

    amount: 0 none, 1 as far as faces stay faces: most of the way in color, a quarter of it in lightness.
    """
    if amount <= 0:
        return image
    lab = _lab(image)
    pixels = lab.reshape(-1, 3).astype(np.float64)
    art_pixels = _lab(art).reshape(-1, 3).astype(np.float64)
    mean = pixels.mean(0)
    matrix = transfer_matrix(_covariance(pixels), _covariance(art_pixels))
    goal = (pixels - mean) @ matrix.T + art_pixels.mean(0)
    strength = amount * np.array([0.25, 0.7, 0.7])
    pixels = pixels + strength * (goal - pixels)
    rgb = cv2.cvtColor(pixels.reshape(lab.shape).astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8))
