"""The network's vector of the motion: changes, weights, scaled pose."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.style_a.motion.condition import ANGLE_GAIN, CONDITION, SHIFT_GAIN, ZOOM_GAIN, condition


def test_each_part_has_its_place() -> None:
    reference, coefficients = np.zeros(COEFFICIENTS), np.zeros(COEFFICIENTS)
    reference[INDEX["scale"]] = 0.5
    reference[INDEX["jawOpen"]], coefficients[INDEX["jawOpen"]] = 0.25, 1.0
    for name, value in {"yaw": 0.1, "roll": -0.2, "tx": 0.02, "scale": 0.6}.items():
        coefficients[INDEX[name]] = value
    vector = condition(reference, coefficients)
    assert vector.shape == (CONDITION,) == (110,)
    assert vector.dtype == np.float32
    jaw = INDEX["jawOpen"]
    assert vector[jaw] == pytest.approx(0.75)  # the change
    assert vector[WEIGHTS + jaw] == pytest.approx(1.0)  # the weight itself
    yaw, pitch, roll, tx, ty, scale = vector[2 * WEIGHTS :]
    assert (yaw, pitch, roll) == pytest.approx((0.1 * ANGLE_GAIN, 0, -0.2 * ANGLE_GAIN))
    assert (tx, ty) == pytest.approx((0.02 * SHIFT_GAIN, 0))
    assert scale == pytest.approx(0.1 * ZOOM_GAIN / 0.5)  # relative to the portrait's
    assert np.count_nonzero(vector) == 6


def test_inputs_stay_as_they_are() -> None:
    reference, coefficients = np.zeros(COEFFICIENTS), np.ones(COEFFICIENTS)
    condition(reference, coefficients)
    assert not reference.any()
    assert (coefficients == 1).all()
