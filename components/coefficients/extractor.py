"""Coefficients of a video or a picture: landmarks, regressor, light smoothing. One row a frame, always."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.coefficients.calibration import above_rest, rest_of_real_faces
from components.coefficients.regressor import Regressor
from components.common.arkit import COEFFICIENTS, LANDMARKS, WEIGHTS
from components.common.artifacts import ClipCoefficients
from components.common.errors import UserError
from components.common.media import Image
from components.face.landmarker import FaceLandmarker, FaceLandmarks

SMOOTHING = 0.6  # center weight of the 3-tap filter


class CoefficientExtractor:
    """Tracks one face and reads how it moves: ``CoefficientExtractor.from_pretrained(folder).extract(frames)``."""

    def __init__(self, regressor: Regressor, smoothing: float = SMOOTHING) -> None:
        self._regressor = regressor
        self._smoothing = smoothing
        self._landmarker = FaceLandmarker()

    @classmethod
    def from_pretrained(cls, folder: Path, smoothing: float = SMOOTHING) -> CoefficientExtractor:
        """With the regressor stored in `folder`."""
        return cls(Regressor.from_pretrained(folder), smoothing)

    def extract(self, frames: Iterable[Image]) -> ClipCoefficients:
        """Coefficients of a clip's frames, (H, W, 3) uint8 each, in order. Frames are not kept.

        A frame without a face is marked invalid; its row is interpolated between its neighbors (held at the ends), so
        rows and frames stay together. Without any face at all the rows are zero and none is valid.

        Raises:
            UserError: there are no frames.
        """
        faces: list[FaceLandmarks | None] = []
        height = width = 0
        face: FaceLandmarks | None = None
        for frame in frames:
            height, width = frame.shape[:2]
            face = self._landmarker.track(frame, face)
            faces.append(face)
        if not faces:
            raise UserError("the video has no frames")
        valid = np.array([face is not None for face in faces])
        landmarks = np.zeros((len(faces), LANDMARKS, 3), np.float32)
        coefficients = np.zeros((len(faces), COEFFICIENTS), np.float32)
        if valid.any():
            points = np.stack([face.points for face in faces if face is not None])
            rows = self._regressor.predict(*_squared(points, height, width))
            landmarks[valid], coefficients[valid] = points, rows
            landmarks, coefficients = fill_gaps(landmarks, valid), fill_gaps(coefficients, valid)
            coefficients = smooth(coefficients, self._smoothing)
            coefficients[:, :WEIGHTS] = np.clip(coefficients[:, :WEIGHTS], 0.0, 1.0)
        return ClipCoefficients(coefficients, landmarks, valid)

    def portrait(self, image: Image) -> tuple[NDArray[np.float32], FaceLandmarks] | None:
        """Coefficients (58,) and landmarks of a picture's main face; None where there is no human face."""
        face = self._landmarker.detect(image)
        if face is None or not face.human:
            return None
        rows = self._regressor.predict(*_squared(face.points[None], *image.shape[:2]))
        # A single picture shows nothing else of the person, so real faces' usual rest stands in for their own.
        return above_rest(rows[0], rest_of_real_faces(), lowest=0.0), face


def fill_gaps(values: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(T, ...) with invalid rows interpolated linearly between the nearest valid ones, and held at the ends.

    At least one row must be valid.
    """
    at = np.arange(len(values))
    known = np.flatnonzero(valid)
    place = np.interp(at, known, np.arange(len(known)))  # position among the known rows
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(known) - 1)
    share = (place - low).reshape(-1, *([1] * (values.ndim - 1)))
    rows = values[known]
    return np.asarray(rows[low] * (1 - share) + rows[high] * share, np.float32)


def smooth(values: NDArray[np.float32], center: float) -> NDArray[np.float32]:
    """(T, N) under the 3-tap filter ((1 - center) / 2, center, (1 - center) / 2) over time; the ends are repeated."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    side = (1.0 - center) / 2
    return np.asarray(side * (padded[:-2] + padded[2:]) + center * padded[1:-1], np.float32)


def _squared(landmarks: NDArray[np.float32], height: int, width: int) -> tuple[NDArray[np.float32], float]:
    """Landmarks in the square that holds the picture in its middle, and that square's side."""
    side = max(height, width)
    offset = np.array([(side - width) / 2, (side - height) / 2, 0.0], np.float32)
    return landmarks + offset, float(side)
