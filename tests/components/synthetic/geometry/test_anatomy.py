"""The curves of lips and lids: in the right order, shut at their corners, mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.synthetic.geometry.anatomy import (
    EYE,
    LID_RADIUS,
    SIDES,
    lip_line,
    lower_border,
    lower_lid,
    on_eye,
    outer_corners,
    side,
    smoothstep,
    upper_border,
    upper_lid,
)

ALONG = np.linspace(-1, 1, 41)


@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.1, 3))
def test_smoothstep_rises_or_falls_between_its_bounds(x: float, low: float, width: float) -> None:
    value = float(smoothstep(x, low, low + width))
    assert 0 <= value <= 1
    assert value == (0 if x <= low else 1 if x >= low + width else value)
    assert float(smoothstep(x, low + width, low)) == pytest.approx(1 - value, abs=1e-9)
    assert smoothstep(low + width / 2, low, low + width) == pytest.approx(0.5)


def test_lips_lie_in_order_and_meet_at_the_corners() -> None:
    upper, line, lower = upper_border(ALONG), lip_line(ALONG), lower_border(ALONG)
    assert (upper[1:-1] > line[1:-1]).all()
    assert (line[1:-1] > lower[1:-1]).all()
    np.testing.assert_allclose(upper[[0, -1]], lower[[0, -1]], atol=1e-6)
    for curve in (upper, line, lower):
        np.testing.assert_allclose(curve, curve[::-1], atol=1e-12)
    assert upper[20] < upper[16]  # Cupid's bow dips in the middle


def test_lids_meet_at_the_corners_and_lie_on_the_eye() -> None:
    gap = upper_lid(ALONG) - lower_lid(ALONG)
    assert (gap[1:-1] > 0).all()
    assert gap[[0, -1]] == pytest.approx([0, 0])
    for _, sign in SIDES:
        points = on_eye(ALONG, upper_lid(ALONG), sign)
        assert points.shape == (41, 3)
        np.testing.assert_allclose(np.linalg.norm(points - side(EYE, sign), axis=1), LID_RADIUS)
        assert (points[:, 2] > EYE[2]).all()  # in front of the eyeball's middle
        assert (np.diff(sign * points[:, 0]) > 0).all()  # inner to outer corner
        inner, outer = np.abs(points[[0, -1], 0] - sign * EYE[0])
        assert inner < 0.9 * outer  # or the inner corner would cut into the nose


def test_the_right_half_mirrors_the_left() -> None:
    left, right = (on_eye(ALONG, lower_lid(ALONG), sign) for _, sign in SIDES)
    np.testing.assert_allclose(right, left * [-1, 1, 1])
    corners = outer_corners()
    np.testing.assert_allclose(corners[1], corners[0] * [-1, 1, 1])
    assert corners[0, 0] > EYE[0]  # the first is the left one, outside of the eye's middle
