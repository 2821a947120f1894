"""Skin, hair and the rest of a picture: whose colors go where when a palette is taken over.

Landmarks say where the face is; its border, hair and neck are found by color. Axes: H, W pixels, R regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.detection import FaceDetector
from components.face.landmarker import FaceLandmarker
from components.face.mesh import BROWS, EYES, FACE_OVAL, OUTER_LOWER_LIP, OUTER_UPPER_LIP
from components.style_a.art.strokes import Plane, blur, guided, stroke_scale

REGIONS = ("skin", "hair", "rest")
SKIN, HAIR, REST = range(len(REGIONS))
FIGURE = 2  # regions where only a person and what is behind are told apart
SIDE = 160  # shorter side, pixels, at which colors are told apart
SOFTENINGS = (0.0, 1.5, 3.0)  # stroke pixels of blur through which a face is looked for
REST_COLORS = 3  # a background has several
NOT_SKIN = 6.0  # squared deviations from skin color beyond which a pixel above the face is hair
LEAST_RUN, LEAST_SIDE = (
    0.4,
    32,
)  # share of the fullest row's skin from which a row is the face's; least pixels of a face
_NOISE = np.diag([30.0, 12.0, 12.0])  # added to each color model's covariance, (L*a*b*)^2
_LEAST = 0.01  # share of the picture below which a region is too small to have colors of its own


@dataclass(frozen=True)
class Regions:
    """shares: (H, W, R) float32, sum 1 over R. features: (H, W), 1 on eyes, brows, lips, which must stay readable."""

    shares: NDArray[np.float32]
    features: Plane

    @property
    def count(self) -> int:
        return int(self.shares.shape[2])

    @property
    def faceless(self) -> bool:
        """Whether nothing in the picture, or in its partner, says which of it is a person."""
        return self.count != len(REGIONS)

    def views(self) -> tuple[tuple[slice, slice], ...]:
        """Windows (rows, columns) to measure texture in: the whole, and the face where that is told apart."""
        height, width = self.shares.shape[:2]
        whole = (slice(0, height), slice(0, width))
        if self.faceless:
            return (whole,)
        skin = self.shares[..., SKIN] > 0.5
        rows, columns = (np.flatnonzero(skin.mean(axis) > LEAST_RUN * skin.mean(axis).max()) for axis in (1, 0))
        if min(len(rows), len(columns)) < LEAST_SIDE:  # too little to tell a texture from
            return (whole, whole)
        return (whole, (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)))

    def merged(self) -> Regions:
        """All as one region."""
        return Regions(np.ones((*self.shares.shape[:2], 1), np.float32), self.features)

    def figure(self) -> Regions:
        """Two regions: skin with hair, and the rest."""
        rest = self.shares[..., REST:]
        return Regions(np.concatenate([1 - rest, rest], -1), self.features)

    def doubled(self) -> Regions:
        """A single region as two that have everything in common."""
        return Regions(np.full((*self.shares.shape[:2], 2), 0.5, np.float32), self.features)

    def at(self, height: int, width: int) -> Regions:
        """The same for another size of the picture."""
        if self.shares.shape[:2] == (height, width):
            return self
        shares = cv2.resize(self.shares, (width, height), interpolation=cv2.INTER_LINEAR)
        features = cv2.resize(self.features, (width, height), interpolation=cv2.INTER_LINEAR)
        return Regions(np.asarray(shares.reshape(height, width, -1), np.float32), features)


def partners(portrait: Regions, art: Regions) -> tuple[Regions, Regions]:
    """Regions of both that go together: each with its like where both show a face, else whole with whole.

    A landscape's whole palette goes to the person and once more to what is behind: a face that had to share it with a
    white wall would come out dark.
    """
    if portrait.count == art.count:
        return portrait, art
    if art.count == 1:
        return portrait.figure(), art.doubled()
    return portrait.merged(), art.merged()


def find_regions(image: Image) -> Regions:
    """Of an (H, W, 3) uint8 RGB picture; one region where no face is found, or where the face is all there is."""
    height, width = image.shape[:2]
    points = _face_points(image)
    if points is None:
        return Regions(np.ones((height, width, 1), np.float32), np.zeros((height, width), np.float32))
    scale = min(1.0, SIDE / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = _by_color(small, points * np.float32(scale))
    shares = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    # Squared: half-way pixels would show as a rim of the one region's colors on the other.
    shares = np.clip(guided(shares, luma, 3, 0.06), 1e-3, 1) ** 2
    shares = shares / shares.sum(-1, keepdims=True)
    return Regions(shares.astype(np.float32), _features(points, height, width))


@lru_cache(maxsize=1)
def _networks() -> tuple[FaceDetector, FaceLandmarker]:
    return FaceDetector(), FaceLandmarker()


def _face_points(image: Image) -> NDArray[np.float32] | None:
    """(478, 2) pixels of the main face, painted ones included. Small ones are not searched for: art may have none.

    Screens, cuts and hatchings hide a face from the networks; blurred, it is seen.
    """
    detector, landmarker = _networks()
    for sigma in SOFTENINGS:
        view = image
        if sigma > 0:
            view = np.asarray(blur(image, sigma * stroke_scale(*image.shape[:2])), np.uint8)
        for found in detector.detect(view, thorough=False):
            x0, y0, x1, y1 = (float(v) for v in found.box)
            face = landmarker.detect(view, (x0, y0, x1, y1))
            if face is not None:
                return np.asarray(face.points[:, :2])
    return None


def _features(points: NDArray[np.float32], height: int, width: int) -> Plane:
    """Eyes, brows and lips; soft-edged."""
    plane = np.zeros((height, width), np.float32)
    for loop in (
        *((*eye.upper_lid, *eye.lower_lid) for eye in EYES),
        (*OUTER_UPPER_LIP, *OUTER_LOWER_LIP),
        BROWS[:5],
        BROWS[5:],
    ):
        cv2.fillConvexPoly(plane, cv2.convexHull(np.round(points[list(loop)]).astype(np.int32)), 1.0)
    extent = float(np.ptp(points[list(FACE_OVAL), 0]))
    reach = max(1, round(0.05 * extent))
    wide = cv2.dilate(plane, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return blur(wide, 0.03 * extent)


def _by_color(image: Image, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, R): where each region may lie, times how well its color fits (Bayes, no smoothness but the filter's)."""
    height, width = image.shape[:2]
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
    oval = points[list(FACE_OVAL)]
    center, half = (oval.min(0) + oval.max(0)) / 2, np.maximum(np.ptp(oval, 0) / 2, 1)
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = (columns - center[0]) / half[0], (rows - center[1]) / half[1]
    inside = np.zeros((height, width), np.float32)
    cv2.fillPoly(inside, [np.round(oval).astype(np.int32)], 1.0)
    radius = np.hypot(x, y)
    above = np.clip(0.3 - y, 0, 1)
    priors = np.stack(
        [
            np.where(inside > 0, 0.97, 0.5 * np.exp(-np.maximum(radius - 1, 0) / 0.5)),
            np.where(inside > 0, 0.03 + 0.12 * above, 0.85 * np.exp(-np.maximum(radius - 1, 0) / 0.8) * (0.45 + above)),
            np.where(inside > 0, 0.0, 0.15 + 0.85 * (1 - np.exp(-np.maximum(radius - 1, 0) / 0.9))),
        ],
        -1,
    )
    skin = (inside > 0) & (radius < 0.8)
    away = _nearest(lab, lab[skin], 1)
    crown = (inside == 0) & (y < -0.55) & (radius < 1.55) & (radius > 1.08)
    # The mesh ends below the hair line, so what lies above it may be forehead; hair of the skin's color is farther up.
    hair = crown & (away > NOT_SKIN)
    seeds = (
        skin,
        hair if hair.mean() > _LEAST / 4 else crown & (radius > 1.25),
        (radius > 1.75) & (y < 0.6) | (np.abs(x) > 2.2),
    )
    fits = [np.exp(-0.5 * _nearest(lab, lab[seed], 1 if k < REST else REST_COLORS)) for k, seed in enumerate(seeds)]
    posterior = priors * (np.stack(fits, -1) + 1e-3)
    posterior /= posterior.sum(-1, keepdims=True)
    return np.asarray(blur(posterior.astype(np.float32), 1.5 * stroke_scale(height, width)))


def _nearest(lab: NDArray[np.float64], seed: NDArray[np.float64], colors: int) -> NDArray[np.float64]:
    """(h, w) squared Mahalanobis distance to the nearest of the seed's colors; without a seed all are far."""
    if len(seed) < 8:
        return np.full(lab.shape[:2], 9.0)
    order = np.argsort(seed[:, 0], kind="stable")
    distances = []
    for part in np.array_split(seed[order], colors):
        middle = np.median(part, 0)
        precision = np.linalg.inv(np.cov(part.T) + _NOISE)
        away = lab - middle
        distances.append(np.einsum("hwi,ij,hwj->hw", away, precision, away))
    return np.asarray(np.min(distances, 0))


def weights_of(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, R) weights to take colors by: a region of hardly any pixels takes after the whole picture."""
    area = shares.mean((0, 1))
    whole = np.clip(1 - area / _LEAST, 0, 1).astype(np.float32)
    return np.asarray(shares * (1 - whole) + whole)
