"""A portrait's face in three dimensions, and where the coefficients move it.

Axes: pixels, x to the right, y **up**, z to the viewer. The head turns about the midpoint of the outer eye corners,
because the coefficients say where that point goes (`tx`, `ty`) and how far the corners are apart (`scale`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, POSE, WEIGHTS, angles, rotation, weights_to_gaze
from components.face.landmark_basis import LandmarkBasis
from components.face.mesh import (
    BROWS,
    EYE_CORNERS,
    EYES,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_EYE,
    MESH_POINTS,
    OUTER_EYE_CORNERS,
    RIGHT_EYE,
    STABLE,
)
from components.face.procrustes import fit_similarity

Array = NDArray[np.float64]

# Real faces have other proportions than the rendered ones, which reads as 5-15 degrees of pitch; portraits themselves
# are held upright to about as much. With equal variances the best guess is half of what is measured.
PITCH_TRUST = 0.5
OUTLINE_DEPTH = (1.5, 6.0)  # cm of canonical depth over which the detector's own depth gains trust
MAX_YAW = 0.38  # rad from the front; beyond it the far cheek tears
MAX_PITCH = 0.35
MAX_ROLL = 0.5
MIN_RANGE = 0.10  # rad that a portrait already turned that far may still turn on
MAX_SHIFT = 0.2  # crop sides
MAX_ZOOM = 0.25
GAINS = (0.4, 1.25)  # limits of a person's gain over the average head's expressions
FOREHEAD = (1.0, 1.9)  # cm above the eye corners over which the brow's gain sets in
EYE_REGION = (2.6, 1.5)  # cm, half-axes of the region where the lids' gain holds
LID_MARGIN = 0.08  # of the lid gap, added above and below
WIDE_MARGIN = 0.15  # of the lid gap, added above for a fully widened eye
UPPER_LID_SHARE, LOWER_LID_SHARE = 0.86, 0.14  # of the gap that each lid closes in a blink


@dataclass(frozen=True)
class RigidMotion:
    """x -> center + zoom * rotation (x - center) + shift."""

    rotation: Array  # (3, 3)
    center: Array  # (3,)
    zoom: float
    shift: Array  # (3,)

    def __call__(self, points: Array) -> Array:
        """points: (..., 3)."""
        return (points - self.center) @ (self.zoom * self.rotation.T) + (self.center + self.shift)


@dataclass(frozen=True)
class FittedFace:
    """A portrait's face.

    points: (468, 3); irises: (2, 5, 3) right, left; scale: pixels per cm of the canonical head; rotation: (3, 3) from
    canonical axes; origin: (3,) place of the canonical origin; reference: (58,) coefficients of the portrait;
    side: pixels per crop side of `tx`, `ty` and `scale`; gain: (468, 1) size of this person's expressions over the
    average head's.
    """

    points: Array
    irises: Array
    scale: float
    rotation: Array
    origin: Array
    reference: Array
    side: float
    gain: Array

    def place(self, canonical: Array) -> Array:
        """Canonical points (..., 3) in cm to pixels."""
        return self.origin + self.scale * (canonical @ self.rotation.T)

    def turn(self, displacement: Array) -> Array:
        """Canonical displacements (..., 3) in cm to pixels."""
        return self.scale * (displacement @ self.rotation.T)

    def express(self, displacement: Array) -> Array:
        """Displacements of the mesh points (468, 3) in cm to pixels, at this person's own size."""
        return self.turn(displacement * self.gain)


@dataclass(frozen=True)
class MovedFace:
    """Where a face goes. points: (468, 3); rigid: the head's own motion; gaze: (2,) change in rad, x right, y up."""

    points: Array
    rigid: RigidMotion
    gaze: Array


def fit_face(basis: LandmarkBasis, landmarks: NDArray[np.floating], reference: NDArray[np.floating]) -> FittedFace:
    """Place the canonical head behind a portrait's landmarks.

    landmarks: (478, 3) pixels, y down, z smaller is nearer. reference: (58,) coefficients of the portrait.
    """
    seen = landmarks.astype(np.float64) * [1, -1, -1]
    for eye in EYES:
        # The detector draws lids a little inside the eye, the more so in wide eyes; a rim of white would be carried
        # down with the lid in a blink.
        u, w = list(eye.upper_lid[1:-1]), list(eye.lower_lid[1:-1])
        gap = seen[u] - seen[w]
        seen[u] += (LID_MARGIN + WIDE_MARGIN * float(reference[INDEX["eyeWide" + eye.side]])) * gap
        seen[w] -= LID_MARGIN * gap
    points, irises = seen[:MESH_POINTS].copy(), np.stack([seen[eye.iris] for eye in (RIGHT_EYE, LEFT_EYE)])
    rigid = list(STABLE)
    pose = fit_similarity(basis.canonical[rigid], points[rigid])
    scale = pose.scale
    yaw, pitch, roll = angles(pose.rotation)
    turn = rotation(yaw, pitch * PITCH_TRUST, roll)
    origin = (points[rigid] - scale * basis.canonical[rigid] @ turn.T).mean(0)
    # The detector's depth leans and stretches with the face's proportions. Keep only what an affine change of the posed
    # canonical head cannot explain, and nothing towards the outline, where it is a guess.
    posed = origin + scale * (basis.canonical @ turn.T)
    design = np.c_[posed, np.ones(len(posed))]
    solution, *_ = np.linalg.lstsq(design[rigid], points[rigid, 2], rcond=None)
    trust = np.clip((basis.canonical[:, 2] - OUTLINE_DEPTH[0]) / (OUTLINE_DEPTH[1] - OUTLINE_DEPTH[0]), 0, 1)
    points[:, 2] = posed[:, 2] + trust * (points[:, 2] - design @ solution)
    # Points behind the ear plane would swing far out when the head turns: bend them back softly.
    depth = ((points - origin) @ turn)[:, 2] / scale
    bent = -1.2 + 0.5 * np.logaddexp(0.0, (depth + 1.2) / 0.5)
    points[:, 2] += np.where(depth < 2.0, (bent - depth) * scale, 0.0)
    irises[..., 2] = points[list(OUTER_EYE_CORNERS), 2].mean()
    corners = points[OUTER_EYE_CORNERS[1], :2] - points[OUTER_EYE_CORNERS[0], :2]
    apart = float(np.hypot(*corners)) / max(0.5, float(np.cos(yaw)))
    side = apart / max(float(reference[INDEX["scale"]]), 0.05)
    own = (points - origin) @ turn / scale
    gain = _personal_gain(basis, own, reference)
    return FittedFace(points, irises, scale, turn, origin, reference.astype(np.float64), side, gain)


def _personal_gain(basis: LandmarkBasis, own: Array, reference: NDArray[np.floating]) -> Array:
    """(468, 1) size of expressions: rendered heads have high brows and large eyes, and move them as far.

    own: (468, 3) the person's points in canonical axes and cm.
    """
    x, y, _ = basis.canonical.T

    def brow_height(face: Array) -> float:
        return float(face[list(BROWS), 1].mean() - face[list(EYE_CORNERS), 1].mean())

    gain = np.ones(MESH_POINTS)
    forehead = np.clip((y - FOREHEAD[0]) / (FOREHEAD[1] - FOREHEAD[0]), 0, 1)
    gain += forehead * (np.clip(brow_height(own) / brow_height(basis.canonical), *GAINS) - 1)
    for eye in EYES:
        center = basis.canonical[list(eye.opening)].mean(0)
        near = np.exp(-((((x - center[0]) / EYE_REGION[0]) ** 2 + ((y - center[1]) / EYE_REGION[1]) ** 2) ** 2))
        upper, lower = list(eye.upper_lid), list(eye.lower_lid)
        gaps = [float(np.abs(face[upper, 1] - face[lower, 1]).max()) for face in (own, basis.canonical)]
        openness = max(0.3, 1.0 - 0.9 * float(reference[INDEX["eyeBlink" + eye.side]]))
        gain += near * (np.clip(gaps[0] / openness / gaps[1], *GAINS) - gain)
    return np.asarray(gain[:, None])


def soft_limit(value: float, limit: float) -> float:
    """`value` itself up to 0.7 of `limit`, then smoothly ever closer to +-`limit`."""
    knee = 0.7 * limit
    excess = abs(value) - knee
    if excess <= 0:
        return value
    return float(np.sign(value) * (knee + (limit - knee) * np.tanh(excess / (limit - knee))))


def _limited(start: float, end: float, limit: float) -> float:
    """`end`, but no further from `start` than leaves the angle within `limit` of the front."""
    change = end - start
    room = max(MIN_RANGE, limit - start * float(np.sign(change)))
    return start + soft_limit(change, room)


def rigid_motion(face: FittedFace, coefficients: Array) -> RigidMotion:
    """The head's motion from the portrait's pose to that of `coefficients` (58,)."""
    yaw0, pitch0, roll0, tx0, ty0, scale0 = face.reference[POSE]
    yaw1, pitch1, roll1, tx1, ty1, scale1 = coefficients[POSE]
    turned = rotation(
        _limited(yaw0, yaw1, MAX_YAW), _limited(pitch0, pitch1, MAX_PITCH), _limited(roll0, roll1, MAX_ROLL)
    )
    shift = np.array([soft_limit(tx1 - tx0, MAX_SHIFT), -soft_limit(ty1 - ty0, MAX_SHIFT), 0.0]) * face.side
    zoom = 1.0 + soft_limit(scale1 / max(scale0, 0.05) - 1.0, MAX_ZOOM)
    center = face.points[list(OUTER_EYE_CORNERS)].mean(0)
    return RigidMotion(turned @ rotation(yaw0, pitch0, roll0).T, center, zoom, shift)


def _blink(face: FittedFace, basis: LandmarkBasis, change: Array, moved: Array) -> None:
    """Close each eye by the person's own lid gap instead of the average head's arc, in place."""
    for eye in EYES:
        index = INDEX["eyeBlink" + eye.side]
        if change[index] == 0.0:
            continue
        u, w = list(eye.upper_lid), list(eye.lower_lid)
        average = face.express(basis.expression[index])  # (468, 3)
        gap = face.points[u] - face.points[w]
        closing = np.abs((average[u] - average[w])[:, 1]).max()
        ratio = float(np.clip(np.abs(gap[:, 1]).max() / max(closing, 1e-6), 0.3, 1.6))
        openness = max(0.25, 1.0 - face.reference[index])
        amount = min(change[index] / openness, 1.0)
        moved += (ratio * amount - change[index]) * average
        moved[u] -= ratio * amount * average[u] + UPPER_LID_SHARE * amount * gap
        moved[w] -= ratio * amount * average[w] - LOWER_LID_SHARE * amount * gap


def _keep_apart(face: FittedFace, points: Array, upper: tuple[int, ...], lower: tuple[int, ...]) -> None:
    """Where the upper border sank below the lower one (further than it was), let both meet halfway, in place."""
    u, w = list(upper[1:-1]), list(lower[1:-1])
    up = face.rotation[:, 1]
    allowed = np.minimum((face.points[u] - face.points[w]) @ up, 0.0)
    overlap = np.minimum((points[u] - points[w]) @ up - allowed, 0.0)[:, None] * up
    points[u] -= overlap / 2
    points[w] += overlap / 2


def move_face(face: FittedFace, basis: LandmarkBasis, coefficients: NDArray[np.floating]) -> MovedFace:
    """Where the face goes when the portrait's reference coefficients change to `coefficients` (58,)."""
    target = coefficients.astype(np.float64)
    change = target[:WEIGHTS] - face.reference[:WEIGHTS]
    rigid = rigid_motion(face, target)
    if not change.any():
        return MovedFace(rigid(face.points), rigid, np.zeros(2))
    moved = face.points + face.express(basis.displacement(change))
    _blink(face, basis, change, moved)
    for eye in EYES:
        _keep_apart(face, moved, eye.upper_lid, eye.lower_lid)
    _keep_apart(face, moved, INNER_UPPER_LIP, INNER_LOWER_LIP)
    gaze = weights_to_gaze(target) - weights_to_gaze(face.reference)
    return MovedFace(rigid(moved), rigid, gaze)
