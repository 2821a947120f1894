"""Faces are cut out upright; their features tell looks apart and are the same in every process."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics.face_features import SIDE, align, appearance, descriptor
from evaluation.metrics.frechet import frechet_distance


def test_align_brings_the_eyes_to_their_place() -> None:
    points = np.zeros((478, 2))
    points[33], points[263] = (60, 90), (120, 110)
    points[61], points[291] = (62, 148), (90, 158)
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[86:95, 56:65] = 255  # around the right eye
    aligned = align(picture, points)
    y, x = np.argwhere(aligned[..., 0] > 128).mean(axis=0)
    assert abs(x / 64 - 0.25) < 0.05
    assert abs(y / 64 - 0.38) < 0.08


def test_points_on_one_spot_are_no_face() -> None:
    with pytest.raises(ValueError, match="do not span"):
        align(np.zeros((64, 64, 3), np.uint8), np.full((478, 2), 20.0))


def test_features_tell_looks_apart() -> None:
    rng = np.random.default_rng(0)
    people = [np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((8, 8, 1))) for _ in range(2)]

    def faces(person: int) -> list[np.ndarray]:
        noise = rng.normal(0, 12, (20, SIDE, SIDE, 3))
        return list(np.clip(people[person] + noise, 0, 255).astype(np.uint8))

    same = frechet_distance(appearance(faces(0)), appearance(faces(0)))
    assert same < 0.3 * frechet_distance(appearance(faces(0)), appearance(faces(1)))


def test_shapes_and_values() -> None:
    gray = [np.full((SIDE, SIDE, 3), 128, np.uint8)] * 2
    looks, places = appearance(gray), descriptor(gray)
    assert looks.shape == (2, 64)
    assert places.shape == (2, 512)
    assert (looks[0] == looks[1]).all()
    # Pinned: figures of two runs compare only if the frozen network is the same.
    assert looks[0].sum() == pytest.approx(3.1636, abs=1e-3)
