"""Readings of a tracked face at their true size."""

import numpy as np

from components.common.arkit import INDEX, POSE, WEIGHTS
from components.style_e.readings import EXPRESSION, express


def test_expressions_are_lifted_and_speech_is_left_alone() -> None:
    rows = np.full((5, 58), 0.5, np.float32)
    rest, shares = np.full(WEIGHTS, 0.2, np.float32), np.full(WEIGHTS, 0.5, np.float32)
    out = express(rows, rest, shares)
    np.testing.assert_allclose(out[:, INDEX["browInnerUp"]], 0.6)
    np.testing.assert_allclose(out[:, INDEX["noseSneerRight"]], 0.6)
    for name in ("jawOpen", "mouthPucker", "mouthSmileLeft", "mouthPressLeft", "eyeBlinkLeft", "eyeLookInLeft"):
        np.testing.assert_array_equal(out[:, INDEX[name]], 0.5)
    np.testing.assert_array_equal(out[:, POSE], 0.5)
    assert (rows == 0.5).all()


def test_rest_is_zero_for_expressions_alone() -> None:
    rest = np.linspace(0, 0.6, WEIGHTS).astype(np.float32)
    row = np.concatenate([rest, np.ones(6, np.float32)])[None]
    out = express(row, rest, np.full(WEIGHTS, 0.7, np.float32))
    np.testing.assert_array_equal(out[0, EXPRESSION], 0)
    others = np.setdiff1d(np.arange(58), EXPRESSION)
    np.testing.assert_array_equal(out[0, others], row[0, others])
