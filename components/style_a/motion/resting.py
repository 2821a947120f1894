"""A portrait's face at rest: which of its measured weights are expression, and which are its build.

The coefficients measured on an unusual face say "brows down 0.4" where the brows merely lie low. Motion of the same
person, measured the same way, carries the same offset, and the difference is right. Generated motion does not carry
it: driven as it is, it would lift those brows and change who the person is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS

# Below this a weight of a portrait is taken for build; above it, the excess is taken for expression.
DEAD_ZONE = 0.35
# Measured from apertures and the iris, these say what they seem to say.
TRUSTED = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")


def build_of(reference: NDArray[np.floating]) -> NDArray[np.float32]:
    """(58,) part of a portrait's coefficients (58,) that is its build: to be added to generated coefficients."""
    build = np.zeros(len(reference), np.float32)
    build[:WEIGHTS] = np.clip(reference[:WEIGHTS], 0.0, DEAD_ZONE)
    for name in TRUSTED:
        build[INDEX[name]] = 0.0
    return build


def in_person(generated: NDArray[np.floating], reference: NDArray[np.floating]) -> NDArray[np.float32]:
    """Generated coefficients (T, 58) as the extractor would measure them on the portrait's person."""
    return (generated + build_of(reference)).astype(np.float32)
