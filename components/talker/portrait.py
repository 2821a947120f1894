"""From any picture to a portrait that can be driven: the largest face, cropped, with landmarks and expression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.coefficients.extractor import CoefficientExtractor
from components.common.errors import UserError
from components.common.media import Image
from components.face.crop import crop_portrait
from components.face.landmarker import FaceLandmarks

SMALLEST_FACE = 40  # pixels; below this there is nothing to animate
SMALLEST_CROP = 256  # pixels a side; smaller crops are enlarged, so that landmarks are found to sub-pixel precision
LARGEST_CROP = 1024  # what the frame loop warps


@dataclass(frozen=True)
class Portrait:
    """A face ready to be driven.

    picture: (S, S, 3) crop. landmarks: in pixels of the crop. coefficients: (58,) of the face as it looks now. faces:
    how many the whole picture held.
    """

    picture: Image
    landmarks: FaceLandmarks
    coefficients: NDArray[np.float32]
    faces: int = 1

    @classmethod
    def find(cls, picture: Image, extractor: CoefficientExtractor) -> Portrait:
        """The largest human face of an (H, W, 3) picture. `UserError` in one line where there is none to drive."""
        crop = crop_portrait(picture)
        if crop.face.side < SMALLEST_FACE:
            raise UserError(f"the face is only {crop.face.side:.0f} pixels wide; at least {SMALLEST_FACE} are needed")
        image = resized(crop.image)
        extracted = extractor.portrait(image)
        if extracted is None:
            raise UserError("the face cannot be made out; use a picture that shows it from the front, uncovered")
        coefficients, landmarks = extracted
        return cls(image, landmarks, coefficients, crop.faces)


def resized(crop: Image) -> Image:
    """A square crop brought between `SMALLEST_CROP` and `LARGEST_CROP`, with an even side."""
    side = min(max(crop.shape[0], SMALLEST_CROP), LARGEST_CROP) // 2 * 2
    if side == crop.shape[0]:
        return crop
    interpolation = cv2.INTER_AREA if side < crop.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (side, side), interpolation=interpolation), np.uint8)
