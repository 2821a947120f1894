"""What the regressor sees of a face: landmarks freed from place, size and roll, and the eyes in their own frame.

Axes: T frames, L = 478 landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.face.mesh import LEFT_EYE, MOUTH_REGION, NOSE_BASE, OUTER_EYE_CORNERS, RIGHT_EYE, STABLE
from components.face.procrustes import fit_plane_similarity

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Aligned:
    """Landmarks on the reference, and the image-plane similarity that was taken out of them.

    points: (T, L, 3) in reference units (the reference's outer eye corners are 1 apart).
    angle: (T,) radians, counter-clockwise as seen. size: (T,) pixels per reference unit.
    """

    points: Floats
    angle: Floats
    size: Floats


def make_reference(landmarks: NDArray[np.floating]) -> Floats:
    """(L, 3) mean face of (T, L, 3) landmarks: centered, y up, outer eye corners 1 apart and level."""
    reference = _normalize(_upright(landmarks[0]))
    for _ in range(3):  # generalized Procrustes: align to the mean, average again
        reference = _normalize(align(landmarks, reference).points.mean(axis=0))
    return reference


def align(landmarks: NDArray[np.floating], reference: Floats) -> Aligned:
    """Lay every frame's landmarks (T, L, 3; pixels, y down) on `reference` (L, 3) by its best image-plane similarity.

    Only `STABLE` points decide, so that an opening jaw does not tilt the face.
    """
    points = _upright(landmarks)
    stable = list(STABLE)
    center = points[:, stable].mean(axis=1, keepdims=True)  # (T, 1, 3)
    points = points - center
    source = points[:, stable, 0] + 1j * points[:, stable, 1]  # (T, S)
    target = reference[stable, :2] - reference[stable, :2].mean(axis=0)
    factor = fit_plane_similarity(source, target[:, 0] + 1j * target[:, 1])  # (T,)
    flat = (points[..., 0] + 1j * points[..., 1]) * factor[:, None]
    aligned = np.stack([flat.real, flat.imag, points[..., 2] * np.abs(factor)[:, None]], axis=-1)
    return Aligned(aligned, -np.angle(factor), 1.0 / np.maximum(np.abs(factor), 1e-12))


def eye_shapes(landmarks: NDArray[np.floating]) -> Floats:
    """(T, L, 3) -> (T, 2, 21, 2): lids and iris of the right and left eye, in eye widths from the corners' middle.

    x runs from the outer to the inner corner, so that the eyes mirror each other; y is up.
    """
    points = _upright(landmarks)[..., :2]
    eyes = []
    for eye, mirror in ((RIGHT_EYE, 1.0), (LEFT_EYE, -1.0)):
        middle = (points[:, eye.outer] + points[:, eye.inner]) / 2
        axis = (points[:, eye.inner] - points[:, eye.outer]) * mirror
        axis = axis[:, 0] + 1j * axis[:, 1]  # from image left to right
        part = np.concatenate([points[:, list(eye.contour)], points[:, eye.iris]], axis=1) - middle[:, None]
        local = (part[..., 0] + 1j * part[..., 1]) / np.where(np.abs(axis) < 1e-9, 1.0, axis)[:, None]
        eyes.append(np.stack([local.real * mirror, local.imag], axis=-1))
    return np.stack(eyes, axis=1)


def lip_shapes(aligned: Floats) -> Floats:
    """(T, L, 3) aligned landmarks -> (T, M, 2): lips, chin and the skin between, from the base of the nose.

    Only the place of the nose is taken out, not the mouth's own width, which is part of a smile.
    """
    return np.asarray(aligned[:, list(MOUTH_REGION), :2] - aligned[:, [NOSE_BASE], :2])


def _upright(landmarks: NDArray[np.floating]) -> Floats:
    """Pixels with y down and z away from the viewer -> y up, z to the viewer."""
    return np.asarray(landmarks, np.float64) * (1.0, -1.0, -1.0)


def _normalize(points: Floats) -> Floats:
    """(L, 3) centered, with level outer eye corners one unit apart."""
    right, left = OUTER_EYE_CORNERS
    axis = points[left, :2] - points[right, :2]
    factor = 1.0 / complex(axis[0], axis[1])
    centered = points - points[list(STABLE)].mean(axis=0)
    flat = (centered[:, 0] + 1j * centered[:, 1]) * factor
    return np.stack([flat.real, flat.imag, centered[:, 2] * abs(factor)], axis=1)


def feature_blocks(landmarks: NDArray[np.floating], place: Aligned) -> dict[str, Floats]:
    """The blocks of one clip, each (T, D), and how each deviates from the clip's median (`..._change`).

    Depth is left out: the mesh net tilts real faces against rendered ones in depth, and without it nothing is lost.
    """
    frames = len(landmarks)
    blocks = {
        "shape": place.points[..., :2].reshape(frames, -1),
        "lips": lip_shapes(place.points).reshape(frames, -1),
        "eyes": eye_shapes(landmarks).reshape(frames, -1),
    }
    return blocks | {f"{name}_change": block - np.median(block, axis=0) for name, block in blocks.items()}
