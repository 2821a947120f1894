"""Who of several people in the picture talks: the one whose mouth moves more than the rest of the face."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.detection import DetectedFace

PATCH = 0.3  # side of the compared patches, in face boxes
PIXELS = 24  # they are compared at this size, blurred, so that noise and compression do not count


def mouth_motion(before: Image, now: Image, face: DetectedFace) -> float:
    """How much more a mouth changes from one frame to the next than the eyes' region does, in gray levels, >= 0.

    before, now: (H, W, 3) neighboring frames. Head motion moves both regions and cancels; blinks count against.
    """
    left, right, _, mouth = face.keypoints[:4]
    lower, upper = (_change(before, now, center, PATCH * face.side) for center in (mouth, (left + right) / 2))
    return max(0.0, lower - upper)


def _change(before: Image, now: Image, center: NDArray[np.floating], side: float) -> float:
    patches = [_patch(image, center, side) for image in (before, now)]
    return float(np.abs(patches[0] - patches[1]).mean())


def _patch(image: Image, center: NDArray[np.floating], side: float) -> NDArray[np.float32]:
    size = max(2, round(side))
    cut = cv2.getRectSubPix(image, (size, size), (float(center[0]), float(center[1])))
    gray = cv2.cvtColor(cv2.resize(cut, (PIXELS, PIXELS), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 1.0), np.float32)
