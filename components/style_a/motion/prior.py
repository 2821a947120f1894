"""The landmark-mesh prior: without any learning, a portrait's own landmarks carried by the coefficients.

For each frame it gives a backward flow (which portrait pixel to show where), what kind of surface each pixel is, and
the picture inside the mouth. Zero motion gives the identity flow.

Layers, painter's order: rings around the face outline for hair and shoulders (the outermost is fixed), a fan that fills
the outline, the eye patches, the face mesh from far to near with openings for eyes and mouth, the mouth opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.landmark_basis import LandmarkBasis
from components.face.mesh import FACE_OVAL, MOUTH_OPENING
from components.style_a.motion.eyes import TRIANGLES as EYE_TRIANGLES
from components.style_a.motion.eyes import eye_patches
from components.style_a.motion.geometry import FittedFace, MovedFace, fit_face, move_face
from components.style_a.motion.mouth import MouthPainter, closedness, skin_tint
from components.style_a.motion.rasterizer import fill
from components.style_a.motion.seam import seat_lips
from components.style_a.motion.triangles import fan, nested_loops
from components.style_a.motion.warp import identity_flow

Array = NDArray[np.float64]

BACKGROUND, SKIN, CAVITY, EYEBALL = range(4)
CLASSES = 4
RINGS = (1.2, 1.6, 2.2)  # sizes over the face outline
HAIR = (0.28, 0.40, 0.40)  # added to them above the face
FOLLOW = (1.0, 0.62, 0.0)  # share of the head's motion
FOLLOW_CHIN = (0.55, 0.10, 0.0)  # the same below the face: neck and shoulders
OWN_DEPTH = (0.5, 0.0, 0.0)  # share of the outline's depth; the rest is the ear plane's
JAW_PULL = (0.45, 0.0, 0.0)  # share of the jaw's motion that pulls the neck's skin
EAR_PLANE = -2.0  # cm


@dataclass(frozen=True)
class PriorFrame:
    """One frame on an n x n target grid over an s x s portrait.

    flow: (n, n, 2) float32, x and y in portrait pixels of the point shown at each grid cell's center.
    classes: (n, n) int32, BACKGROUND, SKIN, CAVITY or EYEBALL.
    mouth: (n, n, 4) float32, RGB in 0-1 (tinted) and alpha of the mouth's inside.
    """

    flow: NDArray[np.float32]
    classes: NDArray[np.int32]
    mouth: NDArray[np.float32]


class PortraitPrior(Protocol):
    """The prior of one portrait."""

    def __call__(self, coefficients: NDArray[np.floating], grid: int) -> PriorFrame:
        """coefficients: (58,); grid: cells per side of the target."""


class Prior(Protocol):
    """Makes a portrait's prior once, to be asked for each frame."""

    def fit(self, image: Image, landmarks: NDArray[np.floating], reference: NDArray[np.floating]) -> PortraitPrior:
        """image: (s, s, 3); landmarks: (478, 3) in its pixels; reference: (58,) coefficients of the portrait."""


class NoPrior:
    """Knows nothing: no motion, one class, no mouth. What `motion.prior: none` trains on."""

    def fit(self, image: Image, landmarks: NDArray[np.floating], reference: NDArray[np.floating]) -> PortraitPrior:
        side = image.shape[0]

        def still(coefficients: NDArray[np.floating], grid: int) -> PriorFrame:
            classes = np.zeros((grid, grid), np.int32)
            return PriorFrame(identity_flow(grid, side), classes, np.zeros((grid, grid, 4), np.float32))

        return still


class MeshPrior:
    """The landmark-mesh prior of a `LandmarkBasis`."""

    def __init__(self, basis: LandmarkBasis) -> None:
        self.basis = basis

    def fit(self, image: Image, landmarks: NDArray[np.floating], reference: NDArray[np.floating]) -> FittedPortrait:
        closed = closedness(self.basis, fit_face(self.basis, landmarks, reference))
        face = fit_face(self.basis, seat_lips(image, landmarks, closed), reference)
        return FittedPortrait(self.basis, face, image.shape[0], skin_tint(image, landmarks))


class FittedPortrait:
    """The mesh prior of one portrait."""

    def __init__(self, basis: LandmarkBasis, face: FittedFace, side: int, tint: NDArray[np.float32]) -> None:
        self.basis = basis
        self.face = face
        self.side = side
        self._tint = tint
        self._mouth = MouthPainter(basis, face)
        # A triangle that is turned over on this face would show a patch twice as soon as the face moves; without it the
        # outline's fan shows through.
        turned_over = _areas(face.points, basis.triangles) * _areas(basis.canonical, basis.triangles) <= 0
        self._triangles = basis.triangles[~turned_over]
        self._rings = self._ring_points()
        outline = list(FACE_OVAL)
        middle = basis.canonical[outline].mean(0)
        angle = np.arctan2(*(basis.canonical[outline] - middle)[:, 1::-1].T)
        chin = np.clip(-np.sin(angle), 0, 1)
        self._follow = np.concatenate(
            [high + (low - high) * chin for high, low in zip(FOLLOW, FOLLOW_CHIN, strict=True)]
        )
        # Inner bands are drawn over outer ones.
        self._ring_triangles = nested_loops(len(FACE_OVAL), 1 + len(RINGS))[::-1].copy()
        self._oval_triangles = fan(len(FACE_OVAL))
        self._mouth_triangles = fan(len(MOUTH_OPENING))

    def __call__(self, coefficients: NDArray[np.floating], grid: int) -> PriorFrame:
        moved = move_face(self.face, self.basis, coefficients)
        zoom = grid / self.side
        flow = identity_flow(grid, self.side).astype(np.float64)
        classes = np.zeros((grid, grid), np.int32)
        source, target = self.face.points, moved.points

        def draw(start: Array, end: Array, triangles: NDArray[np.int32], label: int) -> None:
            fill(_screen(end) * zoom, _screen(start), triangles, flow, classes, label)

        draw(self._rings, self._moved_rings(moved), self._ring_triangles, BACKGROUND)
        oval = list(FACE_OVAL)
        draw(_with_middle(source[oval]), _with_middle(target[oval]), self._oval_triangles, SKIN)
        for start, end in eye_patches(self.face, moved):
            draw(start, end, EYE_TRIANGLES, EYEBALL)
        depth = target[self._triangles, 2].mean(1)
        draw(source, target, self._triangles[np.argsort(depth, kind="stable")], SKIN)
        rim = list(MOUTH_OPENING)
        draw(_with_middle(source[rim]), _with_middle(target[rim]), self._mouth_triangles, CAVITY)
        inside = self._mouth(moved, coefficients, (grid, grid), zoom)
        mouth = np.concatenate([np.clip(inside.color * self._tint, 0, 1), inside.alpha[..., None]], axis=-1)
        return PriorFrame(flow.astype(np.float32), classes, mouth.astype(np.float32))

    def _ring_points(self) -> Array:
        """(4 * 36, 3): the face outline and the rings around it in the portrait, inside first."""
        outline = self.face.points[list(FACE_OVAL)]
        middle = outline.mean(0)
        canonical = self.basis.canonical[list(FACE_OVAL)]
        spoke = canonical - canonical.mean(0)
        above = np.clip(spoke[:, 1] / np.linalg.norm(spoke[:, :2], axis=1), 0, 1)
        ears = self.face.place(np.array([0.0, 0.0, EAR_PLANE]))[2]
        loops = [outline]
        for size, hair, own in zip(RINGS, HAIR, OWN_DEPTH, strict=True):
            loop = middle + (outline - middle) * (size + hair * above)[:, None]
            loop[:, 2] = outline[:, 2] * own + ears * (1 - own)
            loops.append(loop)
        return np.concatenate(loops)

    def _moved_rings(self, moved: MovedFace) -> Array:
        outline = list(FACE_OVAL)
        loops = self._rings[len(FACE_OVAL) :]
        turned = loops + (moved.rigid(loops) - loops) * self._follow[:, None]
        pull = moved.points[outline] - moved.rigid(self.face.points[outline])
        turned += np.concatenate([pull * share for share in JAW_PULL])
        return np.concatenate([moved.points[outline], turned])


def _screen(points: Array) -> Array:
    """(N, 3) with y up to (N, 2) with y down."""
    return points[:, :2] * [1.0, -1.0]


def _areas(points: Array, triangles: NDArray[np.int32]) -> Array:
    """(N,) signed areas of triangles in the x-y plane, doubled."""
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))


def _with_middle(loop: Array) -> Array:
    return np.concatenate([loop, loop.mean(0, keepdims=True)])
