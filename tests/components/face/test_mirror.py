"""The same face in a mirror."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENT_NAMES, COEFFICIENTS, INDEX, rotation
from components.face.mesh import LEFT_EYE, RIGHT_EYE
from components.face.mirror import mirror_coefficients, mirror_landmarks

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(478, 3), (468, 3), (4, 478, 3)])
def test_landmarks_mirrored_twice_are_the_same(shape: tuple[int, ...]) -> None:
    points = RNG.random(shape) * 256
    once = mirror_landmarks(points, 256)
    np.testing.assert_allclose(mirror_landmarks(once, 256), points)
    np.testing.assert_allclose(once[..., RIGHT_EYE.outer, 0], 256 - points[..., LEFT_EYE.outer, 0])
    np.testing.assert_allclose(once[..., RIGHT_EYE.outer, 1:], points[..., LEFT_EYE.outer, 1:])


def test_coefficients_mirrored_once_exchange_the_sides_and_twice_are_the_same() -> None:
    rows = RNG.random((4, COEFFICIENTS)).astype(np.float32)
    once = mirror_coefficients(rows)
    assert once.dtype == rows.dtype
    np.testing.assert_array_equal(mirror_coefficients(once), rows)
    for name in COEFFICIENT_NAMES:
        other = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        sign = -1 if name in ("yaw", "roll", "tx") else 1
        np.testing.assert_array_equal(once[:, INDEX[name]], sign * rows[:, INDEX[other]], name)


def test_a_mirrored_pose_turns_the_mirrored_head() -> None:
    rows = np.zeros((1, COEFFICIENTS))
    angles = [INDEX["yaw"], INDEX["pitch"], INDEX["roll"]]
    rows[0, angles] = 0.3, -0.2, 0.1
    flip = np.diag([-1.0, 1.0, 1.0])
    expected = flip @ rotation(*rows[0, angles]) @ flip
    np.testing.assert_allclose(rotation(*mirror_coefficients(rows)[0, angles]), expected, atol=1e-12)
