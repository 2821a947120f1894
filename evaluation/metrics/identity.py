"""Is it still the same person? Similarity of generated faces to the portrait, against other people's faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Descriptors = NDArray[np.float64]  # (N, D) of `face_features.descriptor`


@dataclass(frozen=True)
class Gallery:
    """One unit vector for each known person, taken from the center of all of them.

    Example: ``Gallery.build({"M003": descriptors, ...}).similarity(generated, "M003")``
    """

    names: tuple[str, ...]
    center: NDArray[np.float64]  # (D,)
    people: Descriptors  # (names, D), unit length

    @classmethod
    def build(cls, faces: Mapping[str, Descriptors]) -> Gallery:
        """From descriptors of real frames by identity; at least two people, or "similar" would mean nothing."""
        if len(faces) < 2:
            raise ValueError("a gallery needs at least two people")
        names = tuple(sorted(faces))
        means = np.stack([faces[name].mean(axis=0) for name in names])
        center = means.mean(axis=0)
        return cls(names, center, _unit(means - center))

    def scores(self, faces: Descriptors) -> Descriptors:
        """(N, D) -> (N, names) cosine similarities."""
        return np.asarray(_unit(faces - self.center) @ self.people.T)

    def similarity(self, faces: Descriptors, name: str) -> float:
        """Mean cosine similarity in [-1, 1] to one person."""
        return float(self.scores(faces)[:, self.names.index(name)].mean())


def _unit(rows: Descriptors) -> Descriptors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12))
