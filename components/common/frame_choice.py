"""Which frames of a clip to take: the calmest, which looks most like a portrait, or those that differ most.

Whoever asks names what counts as unrest, since what disturbs differs: Style-E wants a mouth and eyes as in a portrait,
the evaluation a portrait taken from the front, Style-A the face that departs least from the neutral one.

Axes: T frames; 58 coefficients.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, POSE, WEIGHTS, sided
from components.common.lip_gap import lip_gap

POSE_SCALE = np.array([4.0, 4.0, 4.0, 10.0, 10.0, 10.0])  # weighs pose against weights when frames are compared
Unrest = Callable[[NDArray[np.floating]], NDArray[np.floating]]  # (T, 58) -> (T,), 0 is calm


def open_lips_and_closed_eyes(coefficients: NDArray[np.floating]) -> NDArray[np.floating]:
    """(T, 58) -> (T,): |opening of the lips| in cm + closing of the lids."""
    return np.asarray(np.abs(lip_gap(coefficients)) + coefficients[:, sided("eyeBlink")].sum(1))


def open_jaw_closed_eyes_and_turn(coefficients: NDArray[np.floating]) -> NDArray[np.floating]:
    """(T, 58) -> (T,): opening of the jaw + closing of the lids + |yaw| in rad."""
    left, right = sided("eyeBlink")
    lids = coefficients[:, INDEX["jawOpen"]] + coefficients[:, left] + coefficients[:, right]
    return np.asarray(lids + np.abs(coefficients[:, INDEX["yaw"]]))


def total_expression(coefficients: NDArray[np.floating]) -> NDArray[np.floating]:
    """(T, 58) -> (T,): sum of all weights' sizes."""
    return np.asarray(np.abs(coefficients[:, :WEIGHTS]).sum(1))


def calmest_frame(coefficients: NDArray[np.floating], valid: NDArray[np.bool_], unrest: Unrest) -> int:
    """Index of the valid frame of least unrest, the first of equals; without any valid frame all count.

    coefficients: (T, 58) with T > 0. valid: (T,).
    """
    allowed = valid if valid.any() else np.ones_like(valid)
    return int(np.argmin(np.where(allowed, unrest(coefficients), np.inf)))


def farthest_frames(coefficients: NDArray[np.floating], count: int, valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of at most `count` valid frames, most different first (farthest-point sampling from the calmest frame).

    coefficients: (T, 58). The result is unsorted: each next frame is the farthest from all before it.
    """
    candidates = np.flatnonzero(valid)
    if len(candidates) == 0:
        return candidates
    points = coefficients[candidates].astype(np.float64)
    points = np.concatenate([points[:, :WEIGHTS], points[:, POSE] * POSE_SCALE], axis=1)
    calm = calmest_frame(points, np.ones(len(points), bool), total_expression)
    order = [calm]
    distance = np.linalg.norm(points - points[calm], axis=1)
    while len(order) < min(count, len(candidates)):
        farthest = int(distance.argmax())
        order.append(farthest)
        distance = np.minimum(distance, np.linalg.norm(points - points[farthest], axis=1))
    return candidates[order]
