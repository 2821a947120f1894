"""A picture of two people."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from components.common.media import Image
from components.synthetic.render.actor import Actor


@pytest.fixture(scope="session")
def two_faces(face: Image) -> Image:
    """A wide picture: a large head, and a smaller one beside it."""
    other = cv2.resize(Actor.sample(12, 256).render(np.zeros(52, np.float32)), (160, 160))
    picture = np.full((256, 460, 3), 128, np.uint8)
    picture[:, :256] = face
    picture[60:220, 280:440] = other
    return picture
