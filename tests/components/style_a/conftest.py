"""One rendered portrait and frames in motion, shared by the tests of Style-A's motion."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from components.coefficients.rendered_heads import RenderedHead
from components.common.arkit import INDEX, WEIGHTS
from components.common.media import Image
from components.face.frame_groups import FrameGroup
from components.face.landmark_basis import LandmarkBasis
from components.face.landmarker import FaceLandmarker, FaceLandmarks
from components.style_a.frames import add_styles
from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.prior import FittedPortrait, MeshPrior
from components.synthetic.render.actor import Actor

SIZE = 256


@dataclass(frozen=True)
class Portrait:
    """A rendered person at rest, the landmarks found, and the true coefficients."""

    image: Image
    face: FaceLandmarks
    reference: NDArray[np.float32]

    def change(self, **weights: float) -> NDArray[np.float32]:
        """The reference with some coefficients raised; a stem such as `eyeBlink` raises both sides."""
        row = self.reference.copy()
        for name, value in weights.items():
            for key in [name] if name in INDEX else [name + "Left", name + "Right"]:
                row[INDEX[key]] += value
        return row


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    actor = Actor.sample(11, SIZE)
    weights, still = np.zeros(WEIGHTS, np.float32), np.zeros(3)
    image = actor.render(weights)
    face = FaceLandmarker().detect(image)
    assert face is not None
    return Portrait(image, face, actor.coefficients(weights[None], still[None], still[None])[0])


@pytest.fixture(scope="session")
def fitted(basis: LandmarkBasis, portrait: Portrait) -> FittedPortrait:
    return MeshPrior(basis).fit(portrait.image, portrait.face.points, portrait.reference)


@pytest.fixture(scope="session")
def small_groups(heads: list[RenderedHead]) -> list[FrameGroup]:
    """The heads' motion frames at 64 x 64, for trainings of seconds."""
    return [shrink(head.group, 64) for head in heads]


@pytest.fixture(scope="session")
def sampler(small_groups: list[FrameGroup], basis: LandmarkBasis) -> PairSampler:
    """Pairs of them, some in a style: inverted."""
    inverted = {"inverted": lambda image, seed: np.asarray(255 - image, np.uint8)}
    return PairSampler(add_styles(small_groups, inverted, 0.5, 0), MeshPrior(basis), 64, 32, 1)


def shrink(group: FrameGroup, size: int) -> FrameGroup:
    images = np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in group.images])
    landmarks = group.landmarks * np.float32(size / group.images.shape[1])
    none = np.zeros((0, size, size, 3), np.uint8)
    return FrameGroup(group.name, group.identity, images, landmarks, group.coefficients, none)
