"""Landmarks to coefficients: ridge regression on principal components of aligned landmarks.

Learned on rendered heads alone ("Fake It Till You Make It", Wood et al., ICCV 2021), it works on real footage since it
sees nothing but landmarks. Two linear maps share the model: `moving` also sees how each frame deviates from the clip's
median face, which removes what is the person rather than the motion; `still` serves single pictures.

Axes: T frames, L = 478 landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.coefficients.features import Aligned, Floats, align, eye_shapes, make_reference
from components.coefficients.mirror import mirror_coefficients, mirror_landmarks
from components.coefficients.pose import place_head, roll_of
from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS, WEIGHTS
from components.common.artifacts import load_arrays, read_json, save_arrays, write_json
from components.common.errors import UserError

FORMAT = 1
LEARNED = WEIGHTS + 3  # 52 weights, yaw, pitch, and roll's rest; the other pose numbers are geometry
_SOFTENING = 0.05  # of the whitening: components weaker than this are noise and stay weak
# Principal components kept of each block of features: enough for 95 % of what they help (measured).
_COMPONENTS = {"shape": 80, "eyes": 40, "shape_change": 100, "eyes_change": 60}
_STILL = ("shape", "eyes")
_MOVING = ("shape", "eyes", "shape_change", "eyes_change")


@dataclass(frozen=True)
class Projection:
    """Softly whitened principal components of one block: mean (D,), components (D, K)."""

    mean: Floats
    components: Floats

    @classmethod
    def fit(cls, features: Floats, count: int) -> Projection:
        """features (N, D) -> at most `count` components."""
        mean = features.mean(axis=0)
        spread = float(features.std()) + 1e-6
        centered = (features - mean) / spread
        values, vectors = np.linalg.eigh(centered.T @ centered / len(centered))  # ascending
        kept = slice(None, -1 - min(count, len(values)), -1)
        deviation = np.sqrt(np.maximum(values[kept], 0.0))
        return cls(mean, vectors[:, kept] / (deviation + _SOFTENING) / spread)

    def __call__(self, features: Floats) -> Floats:
        return np.asarray((features - self.mean) @ self.components)


@dataclass(frozen=True)
class LinearMap:
    """Named blocks of features -> `LEARNED` numbers. weights: (sum of K + 1, 55), the last row is the constant."""

    projections: dict[str, Projection]
    weights: Floats

    @classmethod
    def fit(cls, blocks: dict[str, Floats], names: Sequence[str], targets: Floats, ridge: float) -> LinearMap:
        """Hoerl and Kennard, "Ridge regression", 1970. blocks: name -> (N, D); targets: (N, 55)."""
        projections = {name: Projection.fit(blocks[name], _COMPONENTS[name]) for name in names}
        inputs = cls._inputs(projections, blocks)
        penalty = np.full(inputs.shape[1], ridge)
        penalty[-1] = 1e-6  # the constant is free
        weights = np.linalg.solve(inputs.T @ inputs + np.diag(penalty), inputs.T @ targets)
        return cls(projections, weights)

    def __call__(self, blocks: dict[str, Floats]) -> Floats:
        return np.asarray(self._inputs(self.projections, blocks) @ self.weights)

    @staticmethod
    def _inputs(projections: dict[str, Projection], blocks: dict[str, Floats]) -> Floats:
        parts = [projection(blocks[name]) for name, projection in projections.items()]
        return np.concatenate([*parts, np.ones((len(parts[0]), 1))], axis=1)


@dataclass(frozen=True)
class Regressor:
    """Predicts the 58 coefficients. reference: (L, 3) mean face of the training heads, see `features.align`."""

    reference: Floats
    moving: LinearMap
    still: LinearMap

    @classmethod
    def fit(
        cls,
        landmarks: Sequence[NDArray[np.floating]],
        coefficients: Sequence[NDArray[np.floating]],
        ridge: float,
    ) -> Regressor:
        """Learn from clips: landmarks (T_i, L, 3) in pixels and true coefficients (T_i, 58) of the same frames.

        Every clip is used a second time as seen in a mirror, so the two sides of the face are treated alike.
        """
        clips = [*landmarks, *(mirror_landmarks(points) for points in landmarks)]
        truth = [*coefficients, *(mirror_coefficients(rows) for rows in coefficients)]
        reference = make_reference(np.concatenate(clips))
        aligned = [align(points, reference) for points in clips]
        parts = [_blocks(points, place) for points, place in zip(clips, aligned, strict=True)]
        blocks = {name: np.concatenate([part[name] for part in parts]) for name in _COMPONENTS}
        targets = np.concatenate(truth).astype(np.float64)[:, :LEARNED]
        angle = np.concatenate([place.angle for place in aligned])
        targets[:, INDEX["roll"]] -= roll_of(angle, targets[:, INDEX["yaw"]], targets[:, INDEX["pitch"]])
        moving = LinearMap.fit(blocks, _MOVING, targets, ridge)
        return cls(reference, moving, LinearMap.fit(blocks, _STILL, targets, ridge))

    def predict(self, landmarks: NDArray[np.floating], crop_size: float) -> NDArray[np.float32]:
        """Coefficients (T, 58) of one face's landmarks (T, L, 3) in pixels of square pictures of side `crop_size`.

        One frame is a picture, several are a clip whose median face tells the person from the motion.
        """
        if landmarks.ndim != 3 or landmarks.shape[1:] != (LANDMARKS, 3) or len(landmarks) == 0:
            raise ValueError(f"landmarks must be (T, {LANDMARKS}, 3) with T > 0, not {landmarks.shape}")
        place = align(landmarks, self.reference)
        learned = (self.moving if len(landmarks) > 1 else self.still)(_blocks(landmarks, place))
        rows = np.zeros((len(landmarks), COEFFICIENTS))
        rows[:, :LEARNED] = learned
        rows[:, :WEIGHTS] = np.clip(rows[:, :WEIGHTS], 0.0, 1.0)
        yaw, pitch = rows[:, INDEX["yaw"]], rows[:, INDEX["pitch"]]
        rows[:, INDEX["roll"]] += roll_of(place.angle, yaw, pitch)
        rows[:, INDEX["tx"] :] = place_head(landmarks, rows, crop_size)
        return rows.astype(np.float32)

    def save_pretrained(self, folder: Path) -> None:
        """Write config.json and regressor.safetensors."""
        arrays = {"reference": self.reference}
        for name, linear in (("moving", self.moving), ("still", self.still)):
            arrays[f"{name}.weights"] = linear.weights
            for block, projection in linear.projections.items():
                arrays[f"{name}.{block}.mean"] = projection.mean
                arrays[f"{name}.{block}.components"] = projection.components
            save_arrays(folder / "regressor.safetensors", arrays)
        blocks = {"moving": list(self.moving.projections), "still": list(self.still.projections)}
        write_json(folder / "config.json", {"class": "Regressor", "format": FORMAT, "blocks": blocks})

    @classmethod
    def from_pretrained(cls, folder: Path) -> Regressor:
        """Read what `save_pretrained` wrote.

        Raises:
            UserError: the folder is missing or holds another format.
        """
        config = read_json(folder / "config.json")
        if config.get("class") != "Regressor" or config.get("format") != FORMAT:
            raise UserError(f"{folder} holds no regressor of format {FORMAT}; run `dvc repro fit_regressor`")
        maps = {}
        names = [f"{kind}.{b}.{part}" for kind, bs in config["blocks"].items() for b in bs for part in _PARTS]
        arrays, _ = load_arrays(
            folder / "regressor.safetensors", ("reference", "moving.weights", "still.weights", *names)
        )
        for kind, blocks in config["blocks"].items():
            projections = {b: Projection(*(arrays[f"{kind}.{b}.{part}"] for part in _PARTS)) for b in blocks}
            maps[kind] = LinearMap(projections, arrays[f"{kind}.weights"])
        return cls(arrays["reference"], maps["moving"], maps["still"])


_PARTS = ("mean", "components")


def _blocks(landmarks: NDArray[np.floating], place: Aligned) -> dict[str, Floats]:
    """The features of one clip, each (T, D)."""
    # Depth is left out: the mesh net tilts real faces against rendered ones in depth, and without it nothing is lost.
    shape = place.points[..., :2].reshape(len(landmarks), -1)
    eyes = eye_shapes(landmarks).reshape(len(landmarks), -1)
    return {
        "shape": shape,
        "eyes": eyes,
        "shape_change": shape - np.median(shape, axis=0),
        "eyes_change": eyes - np.median(eyes, axis=0),
    }
