"""The landmark-mesh prior moves a rendered portrait as the coefficients say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.common.arkit import INDEX, WEIGHTS
from components.face.mesh import (
    EYES,
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LOWER_LIP_MIDDLE,
    NOSE_TIP,
    OUTER_EYE_CORNERS,
    RIGHT_EYE,
    UPPER_LIP_MIDDLE,
)
from components.style_a.motion.geometry import FittedFace, fit_face, move_face, soft_limit
from components.style_a.motion.prior import BACKGROUND, CAVITY, EYEBALL, SKIN, FittedPortrait, MeshPrior, NoPrior
from components.style_a.motion.warp import identity_flow

GRID = 128


def aperture(face: FittedFace, points: np.ndarray) -> float:
    """Distance of the inner lips in cm."""
    return float(np.linalg.norm(points[UPPER_LIP_MIDDLE, :2] - points[LOWER_LIP_MIDDLE, :2])) / face.scale


def test_no_change_is_the_identity_flow(fitted: FittedPortrait, portrait: Any) -> None:
    frame = fitted(portrait.reference, GRID)
    assert np.abs(frame.flow - identity_flow(GRID, 256)).max() < 1e-3
    assert frame.mouth[..., 3].max() == 0
    assert set(np.unique(frame.classes)) == {BACKGROUND, SKIN, CAVITY, EYEBALL}


def test_jaw_opens_the_lips_and_shows_the_mouth(fitted: FittedPortrait, portrait: Any) -> None:
    face = fitted.face
    opened = move_face(face, fitted.basis, portrait.change(jawOpen=0.5)).points
    assert aperture(face, opened) - aperture(face, face.points) > 0.8
    frame = fitted(portrait.change(jawOpen=0.5), GRID)
    assert frame.mouth[..., 3].max() > 0.9
    wide = fitted(portrait.change(jawOpen=0.9), GRID)
    assert (wide.classes == CAVITY).sum() > 1.3 * (frame.classes == CAVITY).sum()


def test_blink_closes_the_lids(fitted: FittedPortrait, portrait: Any) -> None:
    face = fitted.face
    for eye in EYES:
        closed = move_face(face, fitted.basis, portrait.change(**{f"eyeBlink{eye.side}": 1.0})).points
        upper, lower, middle = list(eye.upper_lid), list(eye.lower_lid), slice(2, -2)
        before = (face.points[upper] - face.points[lower])[middle, 1]
        after = (closed[upper] - closed[lower])[middle, 1]
        assert (after < 0.25 * before).all()


def test_one_eye_blinks_alone(fitted: FittedPortrait, portrait: Any) -> None:
    closed = move_face(fitted.face, fitted.basis, portrait.change(eyeBlinkLeft=1.0)).points
    still = list(RIGHT_EYE.upper_lid)
    assert np.abs(closed[still] - fitted.face.points[still]).max() < 0.1 * fitted.face.scale


def test_the_outermost_ring_stays(fitted: FittedPortrait, portrait: Any) -> None:
    moved = move_face(fitted.face, fitted.basis, portrait.change(yaw=0.3, pitch=0.1, jawOpen=0.6))
    rings = fitted._moved_rings(moved)
    assert np.array_equal(rings[-len(FACE_OVAL) :], fitted._rings[-len(FACE_OVAL) :])
    flow = fitted(portrait.change(yaw=0.3), GRID).flow
    assert np.abs(flow - identity_flow(GRID, 256))[-1, [0, -1]].max() < 1e-3


@pytest.mark.parametrize(("name", "sign"), [("eyeLookOutLeft", 1), ("eyeLookInLeft", -1)])
def test_gaze_shifts_the_iris(fitted: FittedPortrait, portrait: Any, name: str, sign: int) -> None:
    """Positive gaze looks to image right: the pixel at the iris then shows what was to its left."""
    flow = fitted(portrait.change(**{name: 1.0}), GRID).flow - identity_flow(GRID, 256)
    iris = fitted.face.irises[1, 0, :2] * [1, -1] * GRID / 256
    assert np.sign(flow[int(iris[1]), int(iris[0]), 0]) == -sign


def test_yaw_and_pitch_turn_the_nose(fitted: FittedPortrait, portrait: Any) -> None:
    nose = fitted.face.points[NOSE_TIP]
    assert move_face(fitted.face, fitted.basis, portrait.change(yaw=0.2)).points[NOSE_TIP, 0] > nose[0] + 5
    assert move_face(fitted.face, fitted.basis, portrait.change(pitch=0.2)).points[NOSE_TIP, 1] < nose[1] - 5


def test_large_turns_are_limited(fitted: FittedPortrait, portrait: Any) -> None:
    far = [
        move_face(fitted.face, fitted.basis, portrait.change(yaw=yaw)).points[NOSE_TIP, 0] for yaw in (0.38, 0.8, 1.5)
    ]
    assert far[2] - far[1] < 2
    assert soft_limit(0.1, 0.3) == 0.1
    assert abs(soft_limit(-9.0, 0.3)) <= 0.3


def test_translation_and_scale_are_in_crop_sides(fitted: FittedPortrait, portrait: Any) -> None:
    corners = list(OUTER_EYE_CORNERS)
    before = fitted.face.points[corners].mean(0)
    moved = move_face(fitted.face, fitted.basis, portrait.change(tx=0.04, ty=0.02)).points[corners].mean(0)
    assert moved[0] - before[0] == pytest.approx(0.04 * 256, rel=0.15)
    assert before[1] - moved[1] == pytest.approx(0.02 * 256, rel=0.15)


def test_an_open_mouth_closes_without_crossing(basis: Any, portrait: Any) -> None:
    """A portrait with its mouth open, driven to a closed mouth: lips meet, they do not pass through each other."""
    from components.face.landmarker import FaceLandmarker
    from components.synthetic.render.actor import Actor

    weights = np.zeros(WEIGHTS, np.float32)
    weights[INDEX["jawOpen"]] = 0.4
    face = FaceLandmarker().detect(Actor.sample(11, 256).render(weights))
    assert face is not None
    reference = portrait.change(jawOpen=0.4)
    start = fit_face(basis, face.points, reference)
    closed = move_face(start, basis, portrait.change(jawOpen=-0.3)).points
    upper, lower = list(INNER_UPPER_LIP[1:-1]), list(INNER_LOWER_LIP[1:-1])
    gap = (closed[upper] - closed[lower])[:, 1]
    assert gap.min() > -0.02 * start.scale
    assert gap.mean() < 0.35 * (start.points[upper] - start.points[lower])[:, 1].mean()


def test_small_changes_move_pixels_little(fitted: FittedPortrait, portrait: Any) -> None:
    first, second = (fitted(portrait.change(jawOpen=value, yaw=0.1), GRID) for value in (0.30, 0.31))
    moved = np.linalg.norm(first.flow - second.flow, axis=-1)
    assert np.percentile(moved, 99) < 1.5
    assert np.abs(first.mouth[..., 3] - second.mouth[..., 3]).mean() < 0.01


def test_no_prior_stands_still(portrait: Any) -> None:
    frame = NoPrior().fit(portrait.image, portrait.face.points, portrait.reference)(portrait.change(yaw=0.3), 32)
    assert np.array_equal(frame.flow, identity_flow(32, 256))
    assert not frame.mouth.any()


def test_mesh_prior_is_deterministic(basis: Any, portrait: Any) -> None:
    frames = [
        MeshPrior(basis).fit(portrait.image, portrait.face.points, portrait.reference)(portrait.change(yaw=0.1), 64)
        for _ in range(2)
    ]
    assert frames[0].flow.tobytes() == frames[1].flow.tobytes()
    assert frames[0].mouth.tobytes() == frames[1].mouth.tobytes()
