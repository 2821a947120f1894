"""Faces and heads that several packages' tests look at. Imports are inside: most tests need none of this."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def detector() -> Any:
    from components.face.detection import FaceDetector

    return FaceDetector()


@pytest.fixture(scope="session")
def template() -> Any:
    """The head template; built on the first use of a machine, then read from its cache."""
    from components.synthetic.head.template import load_template

    return load_template()


@pytest.fixture(scope="session")
def actor() -> Any:
    """One rendered person, in pictures of 128 x 128 where a test does not ask for another size."""
    from components.synthetic.render.actor import Actor

    return Actor.sample(7, size=128)


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """(256, 256, 3) head and shoulders: a photo, or a rendered head where the real media are not there."""
    from components.common.media import read_image
    from components.synthetic.render.actor import Actor
    from tests.components.corpus.media_samples import MEDIA

    path = MEDIA / "portrait" / "photo_a.png"
    return read_image(path) if path.exists() else Actor.sample(3, size=256).render(np.zeros(52), np.zeros(3))


@pytest.fixture(scope="session")
def talk(portrait: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """30 frames of (160, 200, 3): the portrait in a wider frame, drifting."""
    import cv2

    small = cv2.resize(portrait, (150, 150), interpolation=cv2.INTER_AREA)
    frames = []
    for i in range(30):
        frame = np.full((160, 200, 3), (90, 110, 100), np.uint8)
        frame[5:155, 20 + i // 3 : 170 + i // 3] = small
        frames.append(frame)
    return frames


@pytest.fixture(scope="session")
def heads() -> list[Any]:
    """Three rendered heads (`RenderedHead`), each with four frames in motion at 256 x 256."""
    from components.coefficients.rendered_heads import HeadJob, render_head

    return [render_head(HeadJob(seed=3, index=index, frames=4, size=256)) for index in range(3)]


@pytest.fixture(scope="session")
def basis(heads: list[Any]) -> Any:
    """The `LandmarkBasis` of these heads."""
    from components.coefficients.rendered_heads import basis_of

    return basis_of(heads)
