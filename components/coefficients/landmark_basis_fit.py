"""Builds the landmark basis from rendered heads.

Where a landmark lands on a rendered head, the renderer knows which triangle it hit; the head's own expression basis
at that spot is the landmark's motion. No regression, hence no detector noise, except in which spot is meant, and that
is averaged over heads. Lips and lids are not looked up by pixel (the inner borders of both lips lie on the same pixels)
but along the head's own border loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from components.common.arkit import WEIGHTS
from components.face.landmark_basis import LandmarkBasis
from components.face.mesh import (
    EYE_CORNERS,
    EYES,
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_EYE,
    MESH_POINTS,
    MOUTH_OPENING,
    RIGHT_EYE,
    STABLE,
)
from components.face.mirror import mirror_landmarks
from components.face.procrustes import fit_similarity

Array = NDArray[np.float64]

EYE_DEPTH = 7.0  # cm, z of the eye corners in canonical axes
MIN_HITS = 4  # heads that must show a landmark; others borrow the nearest landmark's motion
OUTWARD = 0.15  # share of its size by which the outline is pushed out before triangulation
ROUNDS = 4  # of the generalized Procrustes mean
BORDERS = (
    (INNER_UPPER_LIP, "lip_upper"),
    (INNER_LOWER_LIP, "lip_lower"),
    (LEFT_EYE.upper_lid, "lid_upper_Left"),
    (LEFT_EYE.lower_lid, "lid_lower_Left"),
    (RIGHT_EYE.upper_lid, "lid_upper_Right"),
    (RIGHT_EYE.lower_lid, "lid_lower_Right"),
)


@dataclass(frozen=True)
class HeadView:
    """One rendered head, seen from the front, at rest and with the mouth open.

    rest, opened: (468, 3) landmarks, pixels, y down; vertices: (468, 3) head vertices of the triangle under each
    landmark at rest, -1 where none of the head's skin is; shares: (468, 3) barycentric weights of them.
    """

    rest: Array
    opened: Array
    vertices: NDArray[np.int64]
    shares: Array


def build_basis(
    views: Sequence[HeadView],
    expression: NDArray[np.floating],
    shape: NDArray[np.floating],
    borders: Mapping[str, NDArray[np.integer]],
    lower_teeth: NDArray[np.floating],
    pixels_per_cm: float,
) -> LandmarkBasis:
    """The basis of the views' average head.

    expression: (52, V, 3) cm per weight; shape: (V, 3) the resting template; borders: vertex loops by name (`BORDERS`);
    lower_teeth: (52, 3) cm per weight; pixels_per_cm: of the views, at the face's depth.
    """
    if len(views) < 2:
        raise ValueError(f"a basis needs at least two heads with a face, not {len(views)}")
    canonical = _mean_face([_upright(view.rest) for view in views], pixels_per_cm)
    canonical[:, 0] -= canonical[list(EYE_CORNERS), 0].mean()
    canonical = (canonical + mirror_landmarks(canonical)) / 2
    motion = _motion(views, expression.astype(np.float64), canonical)
    for points, name in BORDERS:
        _follow_border(motion, canonical, list(points), expression.astype(np.float64), shape, borders[name])
    opened = _mean_opened(views, canonical)
    opened = (opened + mirror_landmarks(opened)) / 2
    return LandmarkBasis(canonical, motion, lower_teeth.astype(np.float64), _triangulate(opened[:, :2]))


def _upright(landmarks: Array) -> Array:
    return landmarks[:MESH_POINTS].astype(np.float64) * [1, -1, -1]


def _mean_face(faces: Sequence[Array], pixels_per_cm: float) -> Array:
    """(468, 3) generalized Procrustes mean (Gower 1975) in cm, eye corners at z = 7 and y = 0."""
    rigid = list(STABLE)
    mean = faces[0]
    for _ in range(ROUNDS):
        mean = np.mean([fit_similarity(face[rigid], mean[rigid])(face) for face in faces], axis=0)
    scale = float(np.mean([fit_similarity(mean[rigid], face[rigid]).scale for face in faces]))
    mean = mean * (scale / pixels_per_cm)
    mean -= mean[list(EYE_CORNERS)].mean(0)
    mean[:, 2] += EYE_DEPTH
    return np.asarray(mean)


def _mean_opened(views: Sequence[HeadView], canonical: Array) -> Array:
    """(468, 3) mean of the open-mouthed faces in canonical axes."""
    rigid = list(STABLE)
    faces = [_upright(view.opened) for view in views]
    return np.asarray(np.mean([fit_similarity(face[rigid], canonical[rigid])(face) for face in faces], axis=0))


def _motion(views: Sequence[HeadView], expression: Array, canonical: Array) -> Array:
    """(52, 468, 3) mean motion under each landmark; landmarks off the head move like the nearest one on it."""
    total, hits = np.zeros((WEIGHTS, MESH_POINTS, 3)), np.zeros(MESH_POINTS)
    for view in views:
        seen = np.flatnonzero((view.vertices >= 0).all(1))
        corners = expression[:, view.vertices[seen]]  # (52, n, 3 corners, 3)
        total[:, seen] += np.einsum("nc,encd->end", view.shares[seen], corners)
        hits[seen] += 1
    motion = total / np.maximum(hits, 1)[None, :, None]
    known = np.flatnonzero(hits >= min(MIN_HITS, len(views)))
    for point in np.flatnonzero(hits < min(MIN_HITS, len(views))):
        nearest = known[np.linalg.norm(canonical[known] - canonical[point], axis=1).argmin()]
        motion[:, point] = motion[:, nearest]
    return motion


def _follow_border(
    motion: Array,
    canonical: Array,
    points: list[int],
    expression: Array,
    shape: NDArray[np.floating],
    loop: NDArray[np.integer],
) -> None:
    """Landmarks of a lip or lid border move like the head's border at the same relative place, in place."""

    def relative(x: NDArray[np.floating]) -> Array:
        return np.asarray((x - x.min()) / (x.max() - x.min()), np.float64)

    along = relative(shape[loop, 0])
    order = np.argsort(along, kind="stable")
    for point, place in zip(points, relative(canonical[points, 0]), strict=True):
        spot = float(np.interp(place, along[order], np.arange(len(order))))
        left = min(int(spot), len(order) - 2)
        share = spot - left
        a, b = loop[order[left]], loop[order[left + 1]]
        motion[:, point] = (1 - share) * expression[:, a] + share * expression[:, b]


def _triangulate(flat: Array) -> NDArray[np.int32]:
    """(N, 3) triangles over an open-mouthed face (468, 2), without eyes and mouth."""
    # On some faces cheek points lie outside the outline; pushed outwards, the outline becomes the mesh's border.
    outline, flat = list(FACE_OVAL), flat.copy()
    flat[outline] += OUTWARD * (flat[outline] - flat[outline].mean(0))
    triangles = Delaunay(flat).simplices
    middles = flat[triangles].mean(1)
    keep = Path(flat[list(FACE_OVAL)]).contains_points(middles)
    for hole in (MOUTH_OPENING, *(eye.opening for eye in EYES)):
        keep &= ~Path(flat[list(hole)]).contains_points(middles)
    # Slivers that join three points of the mouth's rim would close it.
    keep &= ~np.isin(triangles, MOUTH_OPENING).all(1)
    return np.asarray(triangles[keep], np.int32)
