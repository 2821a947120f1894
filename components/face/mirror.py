"""The same face seen in a mirror: landmarks and coefficients with their sides exchanged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import COEFFICIENT_NAMES, INDEX
from components.face.mesh import MIRROR

_SIDES = {"Left": "Right", "Right": "Left"}
_ODD = ("yaw", "roll", "tx")  # pose numbers that change sign in a mirror


def _mirrored_name(name: str) -> str:
    for side, other in _SIDES.items():
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


_SOURCE = [INDEX[_mirrored_name(name)] for name in COEFFICIENT_NAMES]
_SIGN = np.array([-1.0 if name in _ODD else 1.0 for name in COEFFICIENT_NAMES])


def mirror_coefficients(coefficients: NDArray[np.floating]) -> NDArray[np.floating]:
    """(..., 58) -> (..., 58); its own inverse."""
    return np.asarray(coefficients[..., _SOURCE] * _SIGN, coefficients.dtype)


def mirror_landmarks(landmarks: NDArray[np.floating], width: float = 0.0) -> NDArray[np.floating]:
    """(..., N, 3) of a picture `width` pixels wide -> (..., N, 3) of its mirror image; its own inverse.

    N is 478, or 468 without the irises.
    """
    mirrored = landmarks[..., list(MIRROR[: landmarks.shape[-2]]), :].copy()
    mirrored[..., 0] = width - mirrored[..., 0]
    return mirrored
