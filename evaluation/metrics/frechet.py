"""Frechet face distance: how far the distribution of generated faces is from that of true faces.

Heusel et al., "GANs trained by a two time-scale update rule" (2017), eq. 6, on the features of
`evaluation.metrics.face_features.appearance` (a frozen random network, not Inception).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def frechet_distance(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Squared Frechet distance of two Gaussians fitted to (N, D) and (M, D) features; 0 for the same distribution."""
    if len(a) < 2 or len(b) < 2:
        return float("nan")
    mean_a, mean_b = a.mean(axis=0, dtype=np.float64), b.mean(axis=0, dtype=np.float64)
    cov_a, cov_b = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    # tr((A B)^(1/2)) by symmetric eigenproblems: A^(1/2) B A^(1/2) has the same eigenvalues as A B and stays symmetric.
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_b @ root), 0, None)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
    return float(max(distance, 0.0))
