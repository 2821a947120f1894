"""Eye patches: still without motion, the iris carried by the gaze, the outer border by the head alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.style_a.motion.eyes import LID_FOLLOW, LOOP, TRIANGLES, eye_patches
from components.style_a.motion.geometry import move_face
from components.style_a.motion.prior import FittedPortrait


def test_nothing_moves_without_motion(fitted: FittedPortrait, portrait: Any) -> None:
    patches = eye_patches(fitted.face, move_face(fitted.face, fitted.basis, portrait.reference))
    assert len(patches) == 2
    for source, target in patches:
        assert source.shape == target.shape == (3 * LOOP + 1, 3)
        np.testing.assert_allclose(source, target, atol=1e-9)
        assert TRIANGLES.max() == 3 * LOOP


@pytest.mark.parametrize(("names", "sign"), [(("eyeLookOutLeft", "eyeLookInRight"), 1), (("eyeLookInLeft",), -1)])
def test_the_gaze_carries_the_iris(fitted: FittedPortrait, portrait: Any, names: tuple[str, ...], sign: int) -> None:
    moved = move_face(fitted.face, fitted.basis, portrait.change(**dict.fromkeys(names, 0.8)))
    source, target = eye_patches(fitted.face, moved)[0]
    shift = (target - source)[:, 0]
    assert np.sign(shift[-1]) == sign
    assert abs(shift[-1]) > 1  # pixels
    np.testing.assert_allclose(shift[:LOOP], 0, atol=1e-9)  # the border stays with the skull
    np.testing.assert_allclose(shift[LOOP : 2 * LOOP], LID_FOLLOW * shift[-1], rtol=1e-6)
    np.testing.assert_allclose(shift[2 * LOOP :], shift[-1], rtol=1e-6)  # the iris' disk is rigid


def test_the_patch_lies_around_its_iris(fitted: FittedPortrait, portrait: Any) -> None:
    patches = eye_patches(fitted.face, move_face(fitted.face, fitted.basis, portrait.reference))
    for (source, _), iris in zip(patches, fitted.face.irises[::-1], strict=True):
        np.testing.assert_allclose(source[-1], iris[0])
        reach = np.linalg.norm((source - iris[0])[:, :2], axis=1)
        outer, ring, disk = reach[:LOOP], reach[LOOP : 2 * LOOP], reach[2 * LOOP : 3 * LOOP]
        assert (disk <= ring).all()
        assert outer.mean() > 1.3 * ring.mean()
