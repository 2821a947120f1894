"""Opening between the lips as a linear function of the weights: for losses, closures and evaluation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS

# cm of opening, in the middle of the mouth, that each weight adds at 1. Measured on the template (a test compares).
GAP_PER_WEIGHT: dict[str, float] = {
    "jawOpen": 2.574,
    "mouthClose": -2.574,
    "mouthFunnel": 0.868,
    "mouthUpperUpLeft": 0.21,
    "mouthUpperUpRight": 0.21,
    "mouthLowerDownLeft": 0.216,
    "mouthLowerDownRight": 0.216,
    "mouthRollUpper": -0.247,
    "mouthRollLower": -0.28,
    "mouthShrugLower": -0.371,
    "mouthShrugUpper": 0.319,
    "noseSneerLeft": 0.024,
    "noseSneerRight": 0.024,
    "mouthPressLeft": -0.10,
    "mouthPressRight": -0.10,
}
CLOSED = 0.30  # cm: lips whose opening is below this look closed at the corpus's picture size


def gap_vector() -> NDArray[np.float64]:
    """(52,) cm of lip opening per unit weight, in ARKit order."""
    vector = np.zeros(WEIGHTS)
    for name, value in GAP_PER_WEIGHT.items():
        vector[INDEX[name]] = value
    return vector


def lip_gap(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., >= 52) weights -> (...) cm between the lips, 0 at rest; below 0 they are pressed together."""
    return np.asarray(weights[..., :WEIGHTS] @ gap_vector())
