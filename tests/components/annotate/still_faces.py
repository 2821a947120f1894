"""Coefficients of faces that hold still."""

import numpy as np

from components.common.arkit import COEFFICIENTS, INDEX


def face(frames: int = 10, **weights: float) -> np.ndarray:
    """(T, 58) of a still face; ``mouthSmile=.8`` sets both sides."""
    rows = np.zeros((frames, COEFFICIENTS), np.float32)
    for name, value in weights.items():
        for full in (name,) if name in INDEX else (name + "Left", name + "Right"):
            rows[:, INDEX[full]] = value
    return rows
