"""What the network is told about the motion: one vector per frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, POSE, WEIGHTS

CONDITION = 2 * WEIGHTS + 6
ANGLE_GAIN = 3.0  # a radian is a large motion; these bring pose changes to the size of weights
SHIFT_GAIN = 10.0
ZOOM_GAIN = 5.0


def condition(reference: NDArray[np.floating], coefficients: NDArray[np.floating]) -> NDArray[np.float32]:
    """(110,): change of the weights, the weights themselves, scaled change of the pose.

    reference: (58,) of the portrait; coefficients: (58,) of the frame.
    """
    change = coefficients - reference
    pose = change[POSE].copy()
    pose[:3] *= ANGLE_GAIN
    pose[3:5] *= SHIFT_GAIN
    pose[5] *= ZOOM_GAIN / max(float(reference[INDEX["scale"]]), 0.05)
    return np.concatenate([change[:WEIGHTS], coefficients[:WEIGHTS], pose]).astype(np.float32)
