"""Colors of a picture: a palette by tone for the style code, and the map between two spreads of colors.

Axes: H, W pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art.strokes import vector

TONES = 5
PALETTE_SIZE = 3 * TONES + 6
_SAMPLE_SIDE = 64
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
