"""Landmarks to coefficients: ridge regression on principal components of aligned landmarks.

Learned on rendered heads alone ("Fake It Till You Make It", Wood et al., ICCV 2021), it works on real footage since it
sees nothing but landmarks. `moving` maps also see how each frame deviates from the clip's median face, which removes
what is the person rather than the motion; `still` maps serve single pictures.

Axes: T frames, L = 478 landmarks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.coefficients.features import Floats, align, feature_blocks, make_reference
from components.coefficients.pose import place_head, roll_of
from components.common.arkit import COEFFICIENT_NAMES, COEFFICIENTS, INDEX, LANDMARKS, WEIGHTS
from components.common.artifacts import load_arrays, read_json, save_arrays, write_json
from components.common.errors import UserError
from components.face.mirror import mirror_coefficients, mirror_landmarks

FORMAT = 1
REGRESSION_TARGETS = WEIGHTS + 3  # 52 weights, yaw, pitch, and roll's rest; the other pose numbers are geometry
_SOFTENING = 0.05  # of the whitening: components weaker than this are noise and stay weak
_KINDS = ("moving", "still")
_PARTS = ("mean", "components")


@dataclass(frozen=True)
class Block:
    """How a map uses one block of features: principal components, and the ridge in multiples of the parameter."""

    components: int
    ridge: float = 1.0


@dataclass(frozen=True)
class Region:
    """Coefficients that are learned from the same features. stems: how their names start."""

    stems: tuple[str, ...]
    blocks: Mapping[str, Block]

    @property
    def columns(self) -> list[int]:
        return [INDEX[name] for name in COEFFICIENT_NAMES[:REGRESSION_TARGETS] if name.startswith(self.stems)]


# Lips and eyes are learned from their own landmarks alone. It costs little on rendered heads (r of jawOpen .93 -> .89)
# and carries over to real faces, whose other proportions mislead a map from all landmarks (r with the lip aperture of
# three real videos .58, .82, .84 -> .88, .89, .94). The heavier ridge on changes serves the same end.
REGIONS: dict[str, Region] = {
    "mouth": Region(("jaw", "mouth", "cheekPuff", "tongue"), {"lips": Block(40), "lips_change": Block(40, 60.0)}),
    "eyes": Region(("eye",), {"eyes": Block(40, 10.0), "eyes_change": Block(60, 10.0)}),
    "rest": Region(
        ("brow", "cheekSquint", "nose", "yaw", "pitch", "roll"),
        {"shape": Block(80), "eyes": Block(40), "shape_change": Block(100), "eyes_change": Block(60)},
    ),
}


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
        strongest = slice(None, -1 - min(count, len(values)), -1)
        deviation = np.sqrt(np.maximum(values[strongest], 0.0))
        return cls(mean, vectors[:, strongest] / (deviation + _SOFTENING) / spread)

    def __call__(self, features: Floats) -> Floats:
        return np.asarray((features - self.mean) @ self.components)


@dataclass(frozen=True)
class LinearMap:
    """Named blocks of features -> some coefficients. weights: (sum of K + 1, C), the last row is the constant."""

    projections: Mapping[str, Projection]
    weights: Floats

    @classmethod
    def fit(
        cls, features: Mapping[str, Floats], blocks: Mapping[str, Block], targets: Floats, ridge: float
    ) -> LinearMap:
        """Hoerl and Kennard, "Ridge regression", 1970. features: name -> (N, D); targets: (N, C)."""
        projections = {name: Projection.fit(features[name], block.components) for name, block in blocks.items()}
        inputs = _inputs(projections, features)
        penalty = [np.full(p.components.shape[1], ridge * blocks[name].ridge) for name, p in projections.items()]
        penalty.append(np.array([1e-6]))  # the constant is free
        weights = np.linalg.solve(inputs.T @ inputs + np.diag(np.concatenate(penalty)), inputs.T @ targets)
        return cls(projections, np.asarray(weights, np.float64))

    def __call__(self, features: Mapping[str, Floats]) -> Floats:
        return np.asarray(_inputs(self.projections, features) @ self.weights)


def _inputs(projections: Mapping[str, Projection], features: Mapping[str, Floats]) -> Floats:
    parts = [projection(features[name]) for name, projection in projections.items()]
    return np.concatenate([*parts, np.ones((len(parts[0]), 1))], axis=1)


@dataclass(frozen=True)
class Regressor:
    """Predicts the 58 coefficients.

    reference: (L, 3) mean face of the training heads, see `features.align`. place: (2,) what the eye net's corners lack
    to the head's: height in eye distances, and ratio of the distances. moving, still: a map for each of `REGIONS`.
    """

    reference: Floats
    place: Floats
    moving: Mapping[str, LinearMap]
    still: Mapping[str, LinearMap]

    @classmethod
    def fit(
        cls,
        landmarks: Sequence[NDArray[np.floating]],
        coefficients: Sequence[NDArray[np.floating]],
        ridge: float,
        crop_size: float,
    ) -> Regressor:
        """Learn from clips: landmarks (T_i, L, 3) in pixels and true coefficients (T_i, 58) of the same frames.

        crop_size: side of the square pictures in pixels.

        Every clip is used a second time as seen in a mirror, so the two sides of the face are treated alike.
        """
        clips = [*landmarks, *(mirror_landmarks(points) for points in landmarks)]
        truth = [*coefficients, *(mirror_coefficients(rows) for rows in coefficients)]
        reference = make_reference(np.concatenate(clips))
        aligned = [align(points, reference) for points in clips]
        parts = [feature_blocks(points, place) for points, place in zip(clips, aligned, strict=True)]
        features = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        targets = np.concatenate(truth).astype(np.float64)[:, :REGRESSION_TARGETS]
        angle = np.concatenate([place.angle for place in aligned])
        targets[:, INDEX["roll"]] -= roll_of(angle, targets[:, INDEX["yaw"]], targets[:, INDEX["pitch"]])
        moving, still = {}, {}
        for name, region in REGIONS.items():
            columns = targets[:, region.columns]
            moving[name] = LinearMap.fit(features, region.blocks, columns, ridge)
            unmoved = {block: how for block, how in region.blocks.items() if not block.endswith("_change")}
            still[name] = LinearMap.fit(features, unmoved, columns, ridge)
        true = np.concatenate(coefficients).astype(np.float64)
        corners = place_head(np.concatenate(landmarks), true, crop_size)
        ratio = np.median(true[:, INDEX["scale"]] / corners[:, 2])
        height = np.median((true[:, INDEX["ty"]] - corners[:, 1]) / true[:, INDEX["scale"]])
        return cls(reference, np.array([height, ratio]), moving, still)

    def predict(self, landmarks: NDArray[np.floating], crop_size: float) -> NDArray[np.float32]:
        """Coefficients (T, 58) of one face's landmarks (T, L, 3) in pixels of square pictures of side `crop_size`.

        One frame is a picture, several are a clip whose median face tells the person from the motion.
        """
        if landmarks.ndim != 3 or landmarks.shape[1:] != (LANDMARKS, 3) or len(landmarks) == 0:
            raise ValueError(f"landmarks must be (T, {LANDMARKS}, 3) with T > 0, not {landmarks.shape}")
        place = align(landmarks, self.reference)
        features = feature_blocks(landmarks, place)
        rows = np.zeros((len(landmarks), COEFFICIENTS))
        for name, linear in (self.moving if len(landmarks) > 1 else self.still).items():
            rows[:, REGIONS[name].columns] = linear(features)
        rows[:, :WEIGHTS] = np.clip(rows[:, :WEIGHTS], 0.0, 1.0)
        rows[:, INDEX["roll"]] += roll_of(place.angle, rows[:, INDEX["yaw"]], rows[:, INDEX["pitch"]])
        rows[:, INDEX["tx"] :] = place_head(landmarks, rows, crop_size)
        rows[:, INDEX["scale"]] *= self.place[1]
        rows[:, INDEX["ty"]] += self.place[0] * rows[:, INDEX["scale"]]
        return rows.astype(np.float32)

    def save_pretrained(self, folder: Path) -> None:
        """Write config.json and regressor.safetensors."""
        arrays = {"reference": self.reference, "place": self.place}
        layout: dict[str, dict[str, list[str]]] = {}
        for kind, maps in zip(_KINDS, (self.moving, self.still), strict=True):
            layout[kind] = {name: list(linear.projections) for name, linear in maps.items()}
            for name, linear in maps.items():
                arrays[f"{kind}.{name}.weights"] = linear.weights
                for block, projection in linear.projections.items():
                    arrays[f"{kind}.{name}.{block}.mean"] = projection.mean
                    arrays[f"{kind}.{name}.{block}.components"] = projection.components
        save_arrays(folder / "regressor.safetensors", arrays)
        write_json(folder / "config.json", {"class": "Regressor", "format": FORMAT, "maps": layout})

    @classmethod
    def from_pretrained(cls, folder: Path) -> Regressor:
        """Read what `save_pretrained` wrote.

        Raises:
            UserError: the folder is missing or holds another format.
        """
        config = read_json(folder / "config.json")
        if config.get("class") != "Regressor" or config.get("format") != FORMAT:
            raise UserError(f"{folder} holds no regressor of format {FORMAT}; run `dvc repro fit_regressor`")
        arrays, _ = load_arrays(folder / "regressor.safetensors")
        try:
            moving, still = (
                {name: _stored_map(arrays, f"{kind}.{name}", blocks) for name, blocks in config["maps"][kind].items()}
                for kind in _KINDS
            )
            return cls(arrays["reference"], arrays["place"], moving, still)
        except KeyError as error:
            raise UserError(f"{folder} lacks {error}; run `dvc repro fit_regressor`") from error


def _stored_map(arrays: Mapping[str, NDArray[Any]], prefix: str, blocks: Sequence[str]) -> LinearMap:
    projections = {b: Projection(*(arrays[f"{prefix}.{b}.{part}"] for part in _PARTS)) for b in blocks}
    return LinearMap(projections, arrays[f"{prefix}.weights"])
