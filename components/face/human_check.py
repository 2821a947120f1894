"""Is a detected face a human one? Asks the presence score of MediaPipe's face mesh."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.face.detection import DetectedFace
from components.face.tflite import Network

MODEL = "face_landmark"
MARGIN = 1.5  # side of the mesh's input, in face boxes
# The score before its sigmoid, the lower one of the crop and its mirror image. Measured: photos 37-52, real video
# frames 27-56, paintings 19-52, rendered heads 10-48; a dog's face 6, under blur, noise and turns 3-11.
HUMAN_LOGIT = 9.0


class HumanCheck:
    """Tells human faces from animals, masks and chance patterns. Threads may share one."""

    def __init__(self) -> None:
        self._network = Network(MODEL)

    def logit(self, image: Image, face: DetectedFace) -> float:
        """The presence logit of a face in an (H, W, 3) RGB picture; above `HUMAN_LOGIT` it is a person's."""
        size = self._network.size
        eyes = face.keypoints[1] - face.keypoints[0]
        scale = size / (MARGIN * face.side)
        angle = math.degrees(math.atan2(eyes[1], eyes[0]))
        turn: NDArray[Any] = cv2.getRotationMatrix2D(face.center.tolist(), angle, scale)
        turn[:, 2] += size / 2 - face.center
        upright = cv2.warpAffine(image, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return min(self._run(upright), self._run(upright[:, ::-1]))

    def _run(self, upright: NDArray[Any]) -> float:
        outputs = self._network(upright.astype(np.float32) / 255)
        return float(next(output for output in outputs if output.size == 1)[0])

    def is_human(self, image: Image, face: DetectedFace) -> bool:
        return self.logit(image, face) > HUMAN_LOGIT
