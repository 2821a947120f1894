"""Faces in a picture: BlazeFace (Bazarevsky et al., 2019), MediaPipe's short-range network, at several zooms.

The network sees 128 x 128 pixels and misses faces narrower than about a seventh of what it is shown, as well as faces
that leave the picture on all sides. So a picture goes in whole; if that finds nothing, with a border; then as
overlapping tiles of falling size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.tflite import Network

MODEL = "face_detection_short_range"
# (stride in input pixels, anchors per cell) of the two feature maps of the short-range model.
LAYERS = ((8, 2), (16, 6))
THRESHOLD = 0.5  # of the whole picture's pass
TILE_THRESHOLD = 0.6  # tiles are many, and each can be wrong
OVERLAP = 0.3  # boxes with a larger intersection over union are one face
MIN_TILE = 160  # pixels; smaller tiles hold faces too small to drive anything
MOST_TILES = 512  # of one tiling; a face that needs finer ones is a sixtieth of a large picture


@dataclass(frozen=True)
class DetectedFace:
    """One face, in pixels of the picture (x right, y down).

    box: (4,) x0, y0, x1, y1: brows to chin, cheek to cheek; may reach beyond the picture.
    keypoints: (6, 2) eye at image left, eye at image right, nose tip, mouth, ear at image left, ear at image right.
    score: 0-1.
    """

    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float

    @property
    def center(self) -> NDArray[np.floating]:
        """(2,) x, y."""
        return (self.box[:2] + self.box[2:]) / 2

    @property
    def side(self) -> float:
        """The longer side of the box, pixels."""
        return float(np.max(self.box[2:] - self.box[:2]))


@dataclass(frozen=True)
class _Region:
    """A square of the picture: left, top, side in pixels; it may reach beyond the picture, which reads as black."""

    x: float
    y: float
    side: float


class FaceDetector:
    """Finds faces. Threads may share one."""

    def __init__(self) -> None:
        self._network = Network(MODEL)
        self._anchors = _anchors(self._network.size)

    def detect(self, image: Image, thorough: bool = True) -> list[DetectedFace]:
        """The faces of an (H, W, 3) RGB picture, the largest sure one first; empty where there is none.

        thorough: look for small ones, too, which takes a hundred times as long where there is none.
        """
        faces = (
            self._look(image, _whole(image, 1.0), THRESHOLD)
            or self._look(image, _whole(image, 1.6), THRESHOLD)
            or (self._search_tiles(image) if thorough else [])
        )
        return sorted(_merge(faces), key=lambda face: -face.side * face.score)

    def _search_tiles(self, image: Image) -> list[DetectedFace]:
        """Faces too small for a pass over the whole picture, from the coarsest tiling that shows any."""
        for tiles in _tilings(image):
            candidates = _merge([face for tile in tiles for face in self._look(image, tile, TILE_THRESHOLD)])
            # A true face is found again when it fills a fitting share of the view; most false ones are not.
            faces = [sure for face in candidates if (sure := self._confirm(image, face)) is not None]
            if faces:
                return faces
        return []

    def _confirm(self, image: Image, face: DetectedFace) -> DetectedFace | None:
        side = 3 * face.side
        x, y = face.center - side / 2
        again = self._look(image, _Region(float(x), float(y), side), TILE_THRESHOLD)
        return max(again, key=lambda other: _overlap(other, face), default=None)

    def _look(self, image: Image, region: _Region, threshold: float) -> list[DetectedFace]:
        """Faces in one square region of the picture."""
        view = _view(image, region, self._network.size).astype(np.float32) / 127.5 - 1
        # 896 anchors: 16 regressed numbers each (box center and size, then six points), and one score.
        outputs = {output.size // len(self._anchors): output for output in self._network(view)}
        numbers = outputs[16].reshape(-1, 8, 2) / self._network.size  # (anchors, 8, 2), in regions
        scores = 1 / (1 + np.exp(-np.clip(outputs[1], -80, 80)))
        sure = scores > threshold
        numbers, scores, anchors = numbers[sure], scores[sure], self._anchors[sure]
        centers, sizes = numbers[:, 0] + anchors, numbers[:, 1]
        points = numbers[:, 2:] + anchors[:, None]
        corners = np.stack([centers - sizes / 2, centers + sizes / 2], axis=1)
        shapes = np.concatenate([corners, points], axis=1) * region.side + (region.x, region.y)  # (n, 8, 2) pixels
        faces = [
            DetectedFace(shape[:2].ravel().astype(np.float32), shape[2:].astype(np.float32), float(score))
            for shape, score in zip(shapes, scores, strict=True)
        ]
        return _merge(faces)


def _anchors(size: int) -> NDArray[np.float32]:
    """(896, 2) cell centers in input sides, in the order of the network's outputs."""
    grids = []
    for stride, count in LAYERS:
        cells = (np.arange(size // stride) + 0.5) * stride / size
        x, y = np.meshgrid(cells, cells)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(grids).astype(np.float32)


def _whole(image: Image, zoom_out: float) -> _Region:
    height, width = image.shape[:2]
    side = max(height, width) * zoom_out
    return _Region((width - side) / 2, (height - side) / 2, side)


def _tilings(image: Image) -> Iterator[list[_Region]]:
    """Ever finer coverings of the picture by half-overlapping square tiles."""
    height, width = image.shape[:2]
    side = min(height, width) if height != width else min(height, width) // 2
    while side >= MIN_TILE:
        lefts = np.linspace(0, width - side, 1 + -(-2 * (width - side) // side))
        tops = np.linspace(0, height - side, 1 + -(-2 * (height - side) // side))
        if len(lefts) * len(tops) > MOST_TILES:
            return
        yield [_Region(float(x), float(y), side) for y in tops for x in lefts]
        side //= 2


def _view(image: Image, region: _Region, size: int) -> Image:
    """The region as a (size, size, 3) picture; black outside of the image."""
    height, width = image.shape[:2]
    x0, y0 = max(0, round(region.x)), max(0, round(region.y))
    x1, y1 = min(width, round(region.x + region.side)), min(height, round(region.y + region.side))
    view = np.zeros((size, size, 3), np.uint8)
    if x1 <= x0 or y1 <= y0:
        return view
    scale = size / region.side
    left, top = round((x0 - region.x) * scale), round((y0 - region.y) * scale)
    right = min(size, max(left + 1, round((x1 - region.x) * scale)))
    bottom = min(size, max(top + 1, round((y1 - region.y) * scale)))
    left, top = min(left, right - 1), min(top, bottom - 1)
    # Area averaging when shrinking (no aliasing), linear when a small region grows.
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    view[top:bottom, left:right] = cv2.resize(image[y0:y1, x0:x1], (right - left, bottom - top), interpolation=method)
    return view


def _overlap(a: DetectedFace, b: DetectedFace) -> float:
    """Intersection over union of two boxes."""
    low, high = np.maximum(a.box[:2], b.box[:2]), np.minimum(a.box[2:], b.box[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    union = float(np.prod(a.box[2:] - a.box[:2]) + np.prod(b.box[2:] - b.box[:2])) - common
    return common / union if union > 0 else 0.0


def _merge(faces: list[DetectedFace]) -> list[DetectedFace]:
    """Score-weighted non-maximum suppression: overlapping answers are averaged, which steadies the box."""
    waiting = sorted(faces, key=lambda face: -face.score)
    merged = []
    while waiting:
        best = waiting[0]
        group = [face for face in waiting if face is best or _overlap(face, best) > OVERLAP]
        waiting = [face for face in waiting if all(face is not member for member in group)]
        weights = np.array([face.score for face in group], np.float32)
        weights /= weights.sum()
        merged.append(
            DetectedFace(
                np.einsum("n,ni->i", weights, np.stack([face.box for face in group])),
                np.einsum("n,nij->ij", weights, np.stack([face.keypoints for face in group])),
                best.score,
            )
        )
    return merged
