"""What of a portrait's weights is build, and generated motion laid over it."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, POSE
from components.style_a.motion.resting import DEAD_ZONE, build_of, in_person


def test_low_brows_are_build_but_a_grin_is_expression() -> None:
    reference = np.zeros(COEFFICIENTS, np.float32)
    reference[INDEX["browDownLeft"]] = 0.3
    reference[INDEX["mouthSmileLeft"]] = 0.9
    reference[INDEX["jawOpen"]] = 0.3
    reference[POSE] = 0.2
    build = build_of(reference)
    assert build[INDEX["browDownLeft"]] == pytest.approx(0.3)
    assert build[INDEX["mouthSmileLeft"]] == pytest.approx(DEAD_ZONE)
    assert build[INDEX["jawOpen"]] == 0
    assert not build[POSE].any()


def test_generated_rest_leaves_an_unusual_face_alone() -> None:
    reference = np.zeros(COEFFICIENTS, np.float32)
    reference[INDEX["mouthFrownLeft"]] = 0.3
    rows = in_person(np.zeros((4, COEFFICIENTS), np.float32), reference)
    assert rows.shape == (4, COEFFICIENTS)
    assert rows.dtype == np.float32
    assert np.allclose(rows, reference)
