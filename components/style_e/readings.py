"""From what the tracker reads of an expression to what the face does.

Readings carry the person's bias (a low brow reads as a lowered one) and show only a share of an expression. Style-E
learns departures from rest at their true size, so that a text asks as much of a portrait as of the faces it was learned
from; picture-free clips and portraits have the same zero. Mouth and blinks stay as read: lips would follow the jaw less
well under a wider smile, and of blinks the motion matters, which is read well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import ARKIT_NAMES

_STEMS = ("brow", "cheekSquint", "eyeSquint", "eyeWide", "noseSneer")
EXPRESSION = np.array([i for i, name in enumerate(ARKIT_NAMES) if name.startswith(_STEMS)])  # places in the 52 weights


def express(
    coefficients: NDArray[np.floating], rest: NDArray[np.floating], shares: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(T, 58) readings with expression weights above rest and at their true size; calmer than rest is below 0.

    rest: (52,) what the person's calmest clips read as. shares: (52,) `components.coefficients.attenuation`.
    """
    out = np.array(coefficients, np.float32)
    out[:, EXPRESSION] = (out[:, EXPRESSION] - rest[EXPRESSION]) / shares[EXPRESSION]
    return out
