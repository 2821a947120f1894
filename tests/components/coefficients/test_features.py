from __future__ import annotations

import numpy as np

from components.coefficients.features import align, eye_shapes, feature_blocks, make_reference
from components.coefficients.rendered_faces import TrackedClip
from components.common.arkit import COEFFICIENTS, INDEX
from components.face.mesh import LEFT_EYE_OUTER, MESH_MIRROR, MIRROR, MOUTH_REGION, RIGHT_EYE_OUTER
from components.face.mirror import mirror_coefficients, mirror_landmarks


def _turned(landmarks: np.ndarray, angle: float, size: float, shift: tuple[float, float]) -> np.ndarray:
    """Landmarks after a similarity of the picture; positive angles are counter-clockwise as seen."""
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    moved = landmarks.astype(np.float64).copy()
    moved[..., 0] = cos * landmarks[..., 0] + sin * landmarks[..., 1] + shift[0]
    moved[..., 1] = -sin * landmarks[..., 0] + cos * landmarks[..., 1] + shift[1]
    moved[..., 2] *= size
    return moved


def test_features_ignore_place_size_and_roll(fitted_clips: list[TrackedClip]) -> None:
    landmarks = fitted_clips[0].landmarks
    reference = make_reference(landmarks)
    moved = _turned(landmarks, 0.4, 1.7, (30.0, -12.0))
    before, after = align(landmarks, reference), align(moved, reference)
    assert np.allclose(before.points, after.points, atol=1e-6)
    assert np.allclose(after.angle - before.angle, 0.4)
    assert np.allclose(after.size / before.size, 1.7)
    assert np.allclose(eye_shapes(landmarks), eye_shapes(moved), atol=1e-5)


def test_the_reference_is_level_and_one_wide(fitted_clips: list[TrackedClip]) -> None:
    reference = make_reference(fitted_clips[0].landmarks)
    axis = reference[LEFT_EYE_OUTER, :2] - reference[RIGHT_EYE_OUTER, :2]
    assert np.allclose(axis, [1, 0], atol=1e-9)
    assert reference[10, 1] > reference[152, 1]  # forehead above chin: y is up


def test_changes_are_zero_at_the_median(fitted_clips: list[TrackedClip]) -> None:
    clip = fitted_clips[0].landmarks[:3]
    blocks = feature_blocks(clip, align(clip, make_reference(clip)))
    for name in ("shape", "lips", "eyes"):
        assert np.allclose(np.median(blocks[f"{name}_change"], axis=0), 0)
        assert np.abs(blocks[f"{name}_change"]).max() > 0


def test_mirror_tables_are_their_own_inverse() -> None:
    mesh, everything = np.array(MESH_MIRROR), np.array(MIRROR)
    assert (mesh[mesh] == np.arange(468)).all()
    assert (everything[everything] == np.arange(478)).all()
    assert (mesh == np.arange(468)).sum() == 28  # the midline
    assert {MESH_MIRROR[i] for i in MOUTH_REGION} == set(MOUTH_REGION)


def test_mirroring_twice_changes_nothing_and_once_exchanges_the_sides() -> None:
    rng = np.random.default_rng(0)
    rows, points = rng.random((4, COEFFICIENTS)), rng.random((4, 478, 3))
    assert np.allclose(mirror_coefficients(mirror_coefficients(rows)), rows)
    assert np.allclose(mirror_landmarks(mirror_landmarks(points, 256), 256), points)
    mirrored = mirror_coefficients(rows)
    assert np.allclose(mirrored[:, INDEX["mouthSmileLeft"]], rows[:, INDEX["mouthSmileRight"]])
    assert np.allclose(mirrored[:, INDEX["jawLeft"]], rows[:, INDEX["jawRight"]])
    assert np.allclose(mirrored[:, INDEX["yaw"]], -rows[:, INDEX["yaw"]])
    assert np.allclose(mirrored[:, INDEX["pitch"]], rows[:, INDEX["pitch"]])
