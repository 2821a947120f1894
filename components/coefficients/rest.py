"""What the regressor reads off real people's resting faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS, sided

# About the median of nine public photos, paintings and films. The regressor learned from rendered heads, whose brows
# sit higher and whose noses are smoother. Without knowing the person, nobody can tell a low brow from a lowered one.
REST_OF_REAL_FACES: dict[str, float] = {
    "browDown": 0.45,
    "noseSneer": 0.35,
    "mouthFrown": 0.30,
    "mouthPress": 0.30,
    "eyeSquint": 0.30,
    "cheekSquint": 0.20,
}


def rest_of_real_faces() -> NDArray[np.float32]:
    """(52,) weights."""
    rest = np.zeros(WEIGHTS, np.float32)
    for stem, weight in REST_OF_REAL_FACES.items():
        rest[list(sided(stem))] = weight
    return rest
