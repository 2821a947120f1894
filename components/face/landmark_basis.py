"""How each of the 52 coefficients moves the face-mesh points of an average head, measured on rendered heads.

Stored with the model, so that driving a portrait needs no renderer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS
from components.common.artifacts import load_arrays, save_arrays
from components.common.errors import UserError
from components.face.mesh import MESH_POINTS

FILE = "basis.safetensors"
Array = NDArray[np.float64]


@dataclass(frozen=True)
class LandmarkBasis:
    """Lengths in cm; axes x to image right, y up, z to the viewer; the eye corners lie at z = 7.

    canonical: (468, 3) points of the average neutral head, mirror-symmetric.
    expression: (52, 468, 3) displacement per unit of each ARKit weight.
    jaw: (52, 3) displacement of the lower front teeth per unit of each weight.
    triangles: (N, 3) int32 over the points, without eye and mouth openings.
    """

    canonical: Array
    expression: Array
    jaw: Array
    triangles: NDArray[np.int32]

    def __post_init__(self) -> None:
        shapes = {"canonical": (MESH_POINTS, 3), "expression": (WEIGHTS, MESH_POINTS, 3), "jaw": (WEIGHTS, 3)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3 or self.triangles.max() >= MESH_POINTS:
            raise ValueError("triangles must be (N, 3) indices of the mesh points")

    def displacement(self, change: NDArray[np.floating]) -> Array:
        """(468, 3) cm for a change of weights (52,)."""
        return np.tensordot(change.astype(np.float64), self.expression, 1)

    def save(self, folder: Path, precision: type[np.floating] = np.float32) -> None:
        """precision: of the lengths; a model needs no more than the default, a training may go on from all digits."""
        arrays = {
            "canonical": self.canonical.astype(precision),
            "expression": self.expression.astype(precision),
            "jaw": self.jaw.astype(precision),
            "triangles": self.triangles.astype(np.int32),
        }
        save_arrays(folder / FILE, arrays)

    @classmethod
    def load(cls, folder: Path) -> LandmarkBasis:
        """Raises `UserError` when the file is absent, damaged or of another version."""
        arrays, _ = load_arrays(folder / FILE, ("canonical", "expression", "jaw", "triangles"))
        try:
            return cls(
                arrays["canonical"].astype(np.float64),
                arrays["expression"].astype(np.float64),
                arrays["jaw"].astype(np.float64),
                arrays["triangles"].astype(np.int32),
            )
        except ValueError as error:
            raise UserError(f"{folder / FILE}: {error}; run `dvc repro train_style_a`") from error
