"""Where to cut: one fixed square per clip or portrait, framed as the rendered heads are (head and shoulders)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX
from components.common.errors import UserError
from components.common.media import Image
from components.face.detection import DetectedFace, FaceDetector
from components.face.human_check import HumanCheck

# The framing of the rendered heads, measured with the same detector: side of the face box, and its center, in crops.
FACE_SHARE = 0.5
FACE_CENTER = (0.5, 0.53)
# A square picture framed about so is left as it is: cutting would cost sharpness and gain nothing.
SHARE_TOLERANCE = (0.38, 0.68)
CENTER_TOLERANCE = 0.13
MAX_SHARE = 0.75  # rather than crop closer than this, the picture's border is continued outwards
TRAVEL = 1.35  # the crop holds everywhere the face goes, with this margin
SAME_FACE = 0.8  # a face this near (in face sides) to where a face was is the same person's


@dataclass(frozen=True)
class CropBox:
    """A square of a picture: left, top and side in whole pixels. It may reach beyond the picture."""

    x: int
    y: int
    side: int

    def apply(self, image: Image, size: int | None = None) -> Image:
        """The (size, size, 3) crop of an (H, W, 3) picture (None: unscaled); border pixels continue outwards."""
        height, width = image.shape[:2]
        left, top = max(0, -self.x), max(0, -self.y)
        right, bottom = max(0, self.x + self.side - width), max(0, self.y + self.side - height)
        inside: NDArray[Any] = image[max(0, self.y) : self.y + self.side, max(0, self.x) : self.x + self.side]
        if left or top or right or bottom:
            inside = cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_REPLICATE)
        if size is None or size == self.side:
            return np.ascontiguousarray(inside)
        method = cv2.INTER_AREA if size < self.side else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(inside, (size, size), interpolation=method))

    def move(self, coefficients: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
        """Coefficients (T, 58) relative to a square picture, made relative to this crop of it (tx, ty, scale)."""
        if width != height:
            raise ValueError(f"coefficients are relative to square pictures, not {width}x{height}")
        rows = coefficients.copy()
        for name, start in (("tx", self.x), ("ty", self.y)):
            pixels = (coefficients[:, INDEX[name]] + 0.5) * width
            rows[:, INDEX[name]] = (pixels - start) / self.side - 0.5
        rows[:, INDEX["scale"]] *= width / self.side
        return rows


def main_track(
    frames: Sequence[Sequence[DetectedFace]], motion: Mapping[int, Sequence[float]] | None = None
) -> list[DetectedFace]:
    """The faces of one person among those found in sampled frames: the one seen largest, longest and talking most.

    motion: for some frames, how much the mouth of each face moves, in gray levels. A still mouth counts 1, and talking
    ones some times that, so that a listener in front does not win.
    """
    tracks: list[list[DetectedFace]] = []
    weights: list[float] = []
    for index, faces in enumerate(frames):
        free = list(range(len(tracks)))  # one face of a frame to a track
        motions = (motion or {}).get(index, [0.0] * len(faces))
        for face, mouth_motion in zip(faces, motions, strict=True):
            near = [t for t in free if _continues(tracks[t][-1], face)]
            if near:
                track = min(near, key=lambda t: float(np.linalg.norm(tracks[t][-1].center - face.center)))
                free.remove(track)
            else:
                track = len(tracks)
                tracks.append([])
                weights.append(0.0)
            tracks[track].append(face)
            weights[track] += face.side * (1 + mouth_motion)
    return tracks[int(np.argmax(weights))] if tracks else []


def _continues(before: DetectedFace, now: DetectedFace) -> bool:
    distance = float(np.linalg.norm(before.center - now.center))
    return distance < SAME_FACE * before.side and 0.5 < now.side / before.side < 2


def face_crop(faces: Sequence[DetectedFace], width: int, height: int) -> CropBox:
    """One square for all sightings of a face in pictures of width x height pixels; inside them where possible.

    Medians over the sightings, so that a few wrong boxes do not matter. At least one face must be given.
    """
    boxes = np.stack([face.box for face in faces])  # (n, 4)
    center = np.median((boxes[:, :2] + boxes[:, 2:]) / 2, axis=0)
    face_side = float(np.median([face.side for face in faces]))
    if width == height and _framed(center / width, face_side / width):
        return CropBox(0, 0, width)
    low, high = np.percentile(boxes[:, :2], 5, axis=0), np.percentile(boxes[:, 2:], 95, axis=0)
    full_side = max(face_side / FACE_SHARE, TRAVEL * float((high - low).max()))
    side = round(min(full_side, max(min(width, height), face_side / MAX_SHARE)))
    # Faces that move are centered on their range, still ones on their median.
    middle = (low + high) / 2 if full_side > face_side / FACE_SHARE else center
    x, y = (round(float(m) - c * side) for m, c in zip(middle, FACE_CENTER, strict=True))
    return CropBox(_fit(x, side, width), _fit(y, side, height), side)


def _framed(center: NDArray[np.floating], share: float) -> bool:
    offset = float(np.abs(center - FACE_CENTER).max())
    return SHARE_TOLERANCE[0] <= share <= SHARE_TOLERANCE[1] and offset <= CENTER_TOLERANCE


def _fit(start: int, side: int, length: int) -> int:
    """`start` moved so that the square lies inside, or centered where it cannot."""
    return min(max(start, 0), length - side) if side <= length else (length - side) // 2


@dataclass(frozen=True)
class PortraitCrop:
    """A cut portrait: the picture, where it lay, and how many human faces the original shows."""

    image: Image
    box: CropBox
    face: DetectedFace
    faces: int


@lru_cache(maxsize=1)
def _networks() -> tuple[FaceDetector, HumanCheck]:
    return FaceDetector(), HumanCheck()


def crop_portrait(image: Image, size: int | None = None) -> PortraitCrop:
    """Cut the largest human face of an (H, W, 3) RGB picture, to (size, size, 3) or unscaled.

    Raises:
        UserError: no human face.
    """
    detector, human_check = _networks()
    faces = detector.detect(image)
    people = [face for face in faces if human_check.is_human(image, face)]
    if not people:
        fault = "the face in the picture is not a human one" if faces else "no face found in the picture"
        raise UserError(f"{fault}; use a portrait that shows a person's face from the front")
    box = face_crop(people[:1], image.shape[1], image.shape[0])
    return PortraitCrop(box.apply(image, size), box, people[0], len(people))
