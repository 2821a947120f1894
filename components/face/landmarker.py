"""478 face landmarks from a picture: MediaPipe's face mesh and iris nets, with tracking through a video.

The mesh net (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019) hardly
sees blinks, so its lids are replaced by the contour of the iris net (Ablavatski et al., "Real-time Pupil Tracking from
Monocular Video for Digital Puppetry", 2020), which does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import LANDMARKS
from components.common.media import Image
from components.face.detection import DetectedFace, FaceDetector
from components.face.mesh import LEFT_EYE, MESH, MESH_POINTS, OUTER_EYE_CORNERS, RIGHT_EYE
from components.face.mirror import mirror_landmarks
from components.face.tflite import Network

MESH_SIDE = 192  # pixels the mesh net sees
IRIS_SIDE = 64  # pixels the iris net sees
IRIS_CONTOUR = 71  # eye points of the iris net, of which the first 16 are the lids
FACE_MARGIN = 1.5  # side of the mesh net's crop over the face's extent
EYE_MARGIN = 2.3  # side of the iris net's crop over the eye's width
MIN_SCORE = 0.5
# Animals' faces reach logits of 8, people's and painted people's 13 and more (30 is usual).
HUMAN_SCORE = 1.0 / (1.0 + math.exp(-10.0))
MAX_SHRINK = 2.0  # bilinear sampling aliases when it skips more pixels than this


@dataclass(frozen=True)
class FaceLandmarks:
    """One face. points: (478, 3) float32, pixels (x right, y down, z in the same unit, smaller is nearer); score 0-1.

    Order: 468 of MediaPipe's face mesh, 5 of the subject's right iris, 5 of the left iris (center first).
    """

    points: NDArray[np.float32]
    score: float

    @property
    def human(self) -> bool:
        """Whether this is surely a person's face, painted ones included, and not an animal's."""
        return self.score > HUMAN_SCORE

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Extent x0, y0, x1, y1 in pixels."""
        (x0, y0), (x1, y1) = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


@dataclass(frozen=True)
class Region:
    """A turned square in a picture: center and side in pixels, angle of its x axis in radians (y down)."""

    center: tuple[float, float]
    side: float
    angle: float

    def matrix(self, pixels: int) -> NDArray[np.float64]:
        """(2, 3) map from coordinates of a `pixels` x `pixels` crop to coordinates of the picture."""
        cos, sin = math.cos(self.angle) * self.side / pixels, math.sin(self.angle) * self.side / pixels
        half = pixels / 2
        return np.array(
            [
                [cos, -sin, self.center[0] - (cos - sin) * half],
                [sin, cos, self.center[1] - (sin + cos) * half],
            ]
        )

    def cut(self, image: Image, pixels: int) -> NDArray[np.float32]:
        """The region as a (pixels, pixels, 3) picture in [0, 1]; beyond the border the edge is repeated."""
        shrink = self.side / pixels
        if shrink > MAX_SHRINK:
            return self._cut_shrunk(image, pixels, int(shrink))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(
            image, self.matrix(pixels), (pixels, pixels), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return crop.astype(np.float32) / 255.0

    def _cut_shrunk(self, image: Image, pixels: int, factor: int) -> NDArray[np.float32]:
        """Average `factor` x `factor` blocks around the region first, so that large faces do not alias."""
        height, width = image.shape[:2]
        reach = self.side  # more than half the diagonal
        x0, y0 = (max(0, int(c - reach)) for c in self.center)
        x1, y1 = (min(n, int(c + reach) + 1) for c, n in zip(self.center, (width, height), strict=True))
        part = image[y0:y1, x0:x1]
        columns, rows = max(1, part.shape[1] // factor), max(1, part.shape[0] // factor)
        if part.size == 0:
            return np.zeros((pixels, pixels, 3), np.float32)
        small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
        matrix = self.matrix(pixels)
        scale = np.array([columns / part.shape[1], rows / part.shape[0]])
        matrix[:, 2] -= (x0, y0)
        matrix *= scale[:, None]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(small, matrix, (pixels, pixels), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return crop.astype(np.float32) / 255.0


def region_of_detection(face: DetectedFace) -> Region:
    """The mesh net's crop for a detected face, leveled by its two eye key points."""
    x0, y0, x1, y1 = face.box
    right_eye, left_eye = face.keypoints[0], face.keypoints[1]
    angle = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    return Region(((x0 + x1) / 2, (y0 + y1) / 2), FACE_MARGIN * max(x1 - x0, y1 - y0), angle)


def region_of_points(points: NDArray[np.floating]) -> Region:
    """The mesh net's crop for known landmarks (>= 468, 2+), leveled by the outer eye corners."""
    right, left = OUTER_EYE_CORNERS
    axis = points[left, :2] - points[right, :2]
    angle = math.atan2(axis[1], axis[0])
    level = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    leveled = points[MESH, :2] @ level.T
    low, high = leveled.min(axis=0), leveled.max(axis=0)
    center = ((low + high) / 2) @ level
    return Region((float(center[0]), float(center[1])), FACE_MARGIN * float((high - low).max()), angle)


class FaceLandmarker:
    """Finds the landmarks of the main face of a picture, or follows one face through a video.

    `detect` knows no past. `track` looks where the face was in the previous frame and detects again when it is lost.
    Nothing of a call stays behind, so threads may share one.
    """

    def __init__(self) -> None:
        self._detector = FaceDetector()
        self._mesh = Network("face_landmark")
        self._iris = Network("iris_landmark")

    def detect(self, image: Image, box: tuple[float, float, float, float] | None = None) -> FaceLandmarks | None:
        """Landmarks of the main face of an (H, W, 3) RGB picture, or of that in `box` (x0, y0, x1, y1); else None."""
        if box is None:
            faces = self._detector.detect(image)
            if not faces:
                return None
            region = region_of_detection(faces[0])
        else:
            x0, y0, x1, y1 = box
            region = Region(((x0 + x1) / 2, (y0 + y1) / 2), FACE_MARGIN * max(x1 - x0, y1 - y0), 0.0)
        points, score = self._fit_mesh(image, region)
        if score <= MIN_SCORE:
            return None
        # The detector's crop is loose; a second look at the landmarks' own extent places them better.
        again, second_score = self._fit_mesh(image, region_of_points(points))
        if second_score > MIN_SCORE:
            points, score = again, second_score
        return FaceLandmarks(self._add_eyes(image, points), score)

    def track(self, image: Image, before: FaceLandmarks | None) -> FaceLandmarks | None:
        """Landmarks in the next frame of a video, or None where no face is found.

        before: the answer to the previous frame; None in the first one.
        """
        return self._follow(image, before) or self.detect(image)

    def track_all(self, images: Iterable[Image]) -> Iterator[FaceLandmarks | None]:
        """`track` through the frames of one video: an answer to each, in order."""
        face: FaceLandmarks | None = None
        for image in images:
            face = self.track(image, face)
            yield face

    def _follow(self, image: Image, before: FaceLandmarks | None) -> FaceLandmarks | None:
        if before is None:
            return None
        points, score = self._fit_mesh(image, region_of_points(before.points))
        return FaceLandmarks(self._add_eyes(image, points), score) if score > MIN_SCORE else None

    def _fit_mesh(self, image: Image, region: Region) -> tuple[NDArray[np.float32], float]:
        """Mesh (468, 3) in pixels and the face score: the mean of the net's answers to the crop and its mirror image.

        The two answers err differently, so their mean is steadier (jawOpen on rendered heads: r .86 -> .88).
        """
        crop = region.cut(image, MESH_SIDE)
        straight, logit = self._run_mesh(crop)
        mirrored, mirrored_logit = self._run_mesh(np.ascontiguousarray(crop[:, ::-1]))
        raw = (straight + mirror_landmarks(mirrored, MESH_SIDE)) / 2
        matrix = region.matrix(MESH_SIDE)
        points = np.empty((MESH_POINTS, 3), np.float32)
        points[:, :2] = raw[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        points[:, 2] = raw[:, 2] * (region.side / MESH_SIDE)
        return points, 1.0 / (1.0 + math.exp(-min(80.0, max(-80.0, (logit + mirrored_logit) / 2))))

    def _run_mesh(self, crop: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        outputs = self._mesh(crop)
        raw = next(o for o in outputs if o.size == MESH_POINTS * 3).reshape(MESH_POINTS, 3)
        return raw.copy(), float(next(o for o in outputs if o.size == 1)[0])

    def _add_eyes(self, image: Image, mesh: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mesh landmarks (468, 3) to all (478, 3): lids from the iris net, irises appended."""
        points = np.empty((LANDMARKS, 3), np.float32)
        points[MESH] = mesh
        for eye, start, end in (
            (RIGHT_EYE, RIGHT_EYE.outer, RIGHT_EYE.inner),
            (LEFT_EYE, LEFT_EYE.inner, LEFT_EYE.outer),
        ):
            contour, rim = self._fit_eye(image, mesh[start, :2], mesh[end, :2], mirrored=eye is LEFT_EYE)
            points[list(eye.contour), :2] = contour[: len(eye.contour)]
            points[eye.iris, :2] = rim
            points[eye.iris, 2] = mesh[[start, end], 2].mean()
        return points

    def _fit_eye(
        self, image: Image, start: NDArray[np.float32], end: NDArray[np.float32], mirrored: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Contour (71, 2) and iris (5, 2) in pixels of the eye between two corners given from image left to right.

        The net knows one eye only; the other is shown mirrored.
        """
        center, axis = (start + end) / 2, end - start
        width = float(np.hypot(axis[0], axis[1]))
        angle = math.atan2(axis[1], axis[0])
        region = Region((float(center[0]), float(center[1])), max(width, 1.0) * EYE_MARGIN, angle)
        crop = region.cut(image, IRIS_SIDE)
        if mirrored:
            crop = np.ascontiguousarray(crop[:, ::-1])
        outputs = self._iris(crop)
        contour = next(o for o in outputs if o.size == IRIS_CONTOUR * 3).reshape(IRIS_CONTOUR, 3)[:, :2]
        iris = next(o for o in outputs if o.size == 15).reshape(5, 3)[:, :2]
        matrix = region.matrix(IRIS_SIDE)

        def to_picture(local: NDArray[np.float32]) -> NDArray[np.float64]:
            x = IRIS_SIDE - local[:, :1] if mirrored else local[:, :1]
            return np.concatenate([x, local[:, 1:]], axis=1) @ matrix[:, :2].T + matrix[:, 2]

        return to_picture(contour), to_picture(iris)
