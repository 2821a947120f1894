"""The directions in which people differ: symmetric, and each where its name says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.synthetic.geometry.anatomy import SIDES
from components.synthetic.head.identities import IDENTITY_NAMES
from components.synthetic.head.template import HeadTemplate


def travel(template: HeadTemplate, name: str) -> NDArray[np.floating]:
    """(V,) cm a standard deviation."""
    return np.linalg.norm(template.identity_basis[IDENTITY_NAMES.index(name)], axis=1)


@pytest.mark.parametrize("name", IDENTITY_NAMES)
def test_each_direction_moves_both_halves_alike(template: HeadTemplate, name: str) -> None:
    motion = template.identity_basis[IDENTITY_NAMES.index(name)]
    assert np.isfinite(motion).all()
    assert 0.1 < travel(template, name).max() < 2.0  # cm
    # Eyeballs are built mirrored, vertex by vertex up to their order: compare what the halves do as a whole.
    for part in ("eye", "ear", "brow"):
        left, right = (motion[template.parts[f"{part}_{side}"]] for side, _ in SIDES)
        np.testing.assert_allclose(left.mean(0), right.mean(0) * [-1, 1, 1], atol=0.02)


@pytest.mark.parametrize(
    ("name", "moves", "stays"),
    [
        ("ears", "ear_Left", "eye_Left"),
        ("eyeSize", "eye_Left", "ear_Left"),
        ("eyeSpace", "eye_Right", "teeth_upper"),
        ("browHigh", "brow_Left", "eye_Left"),
        ("mouthHigh", "teeth_upper", "brow_Left"),
        ("jawLong", "teeth_lower", "eye_Left"),
    ],
)
def test_directions_move_what_they_name(template: HeadTemplate, name: str, moves: str, stays: str) -> None:
    cm = travel(template, name)
    assert cm[template.parts[moves]].mean() > 0.1
    assert cm[template.parts[stays]].mean() < 0.2 * cm[template.parts[moves]].mean()


def test_full_lips_leave_what_lies_behind_them(template: HeadTemplate) -> None:
    for name in ("lipFull", "lipOut"):
        for part in ("teeth_upper", "teeth_lower", "tongue"):
            assert travel(template, name)[template.parts[part]].max() == 0


def test_a_shape_is_the_mean_head_plus_its_directions(template: HeadTemplate) -> None:
    identity = np.zeros(len(IDENTITY_NAMES))
    np.testing.assert_array_equal(template.shape(identity), template.vertices)
    identity[IDENTITY_NAMES.index("width")] = 2.0
    wide = template.shape(identity)
    assert np.ptp(wide[:, 0]) == pytest.approx(1.14 * np.ptp(template.vertices[:, 0]), rel=1e-3)
    np.testing.assert_array_equal(wide[:, 1:], template.vertices[:, 1:])
