"""The similarity transform that lays points on corresponding points with the least squared distance.

Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991; without the scale it
is the algorithm of Kabsch, 1976.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """x -> scale * rotation @ x + translation. rotation: (3, 3) without a reflection; translation: (3,)."""

    scale: float
    rotation: Array
    translation: Array

    def __call__(self, points: Array) -> Array:
        """points: (N, 3)."""
        return np.asarray(self.scale * points @ self.rotation.T + self.translation)


def fit_similarity(source: Array, target: Array) -> Similarity:
    """The similarity of space from `source` (N, 3) to `target` (N, 3); equations 40-43 of the paper."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    a, b = source - source_mean, target - target_mean
    u, singular, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    turn = u @ np.diag(sign) @ vt
    scale = float((singular * sign).sum() / (a**2).sum())
    return Similarity(scale, turn, target_mean - scale * turn @ source_mean)


def fit_plane_similarity(source: NDArray[np.complex128], target: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The similarity of the plane from each row of `source` (T, N) to `target` (N,), points as x + iy, both centered.

    As complex numbers it is one factor for each row, (T,): target ~ factor * source. Its absolute value is the scale,
    its angle the rotation.
    """
    squares = (np.abs(source) ** 2).sum(axis=1)
    return np.asarray((source.conj() @ target) / np.maximum(squares, 1e-12))
