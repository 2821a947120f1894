"""Style-A end to end: a portrait, an art picture and coefficients become frames.

The portrait is stylized once; then, for every frame, the mesh prior proposes how to warp it, the network corrects the
flow at low resolution, the full-resolution picture is warped, and the network's color change is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.media import Image
from components.face.landmark_basis import LandmarkBasis
from components.style_a.frames import resize
from components.style_a.motion.condition import condition
from components.style_a.motion.frame_pairs import to_motion, to_picture
from components.style_a.motion.network import Crop, MotionNetwork
from components.style_a.motion.prior import MeshPrior, NoPrior, PortraitPrior, Prior, PriorFrame
from components.style_a.motion.renderer import CachedRenderer, Correction, PlainRenderer
from components.style_a.motion.warp import find_folds, lay_mouth, soften_folds, warp_image

ART, MOTION = "art", "motion"
DETAIL = 512  # side at which portraits are warped even for smaller outputs: keeps sharpness
MOUTH_LOCK = 0.5  # share of the painted mouth that the network may not repaint: it was trained on rendered mouths
SQUARE_SIDE = 1.5  # of the refined square over the face's extent
FADE = 0.12  # of that side, over which the refinement fades out
COLOR_RIDGE = 30.0  # pull of the mouth's color map towards the identity, in pixels


class Stylist(Protocol):
    """What Style-A's second phase needs from the first."""

    def stylize(self, portrait: Image, art: Image | None, degree: float) -> Image:
        """The portrait in the style of `art`; `degree` 0 leaves it as it is."""

    def save_pretrained(self, folder: Path) -> None: ...


class Landmarked(Protocol):
    """A face found in the portrait, as `components.coefficients` finds it."""

    @property
    def points(self) -> NDArray[np.float32]:
        """(478, 3) pixels."""


class StyleAPipeline:
    """Example: ``frames = pipeline.prepare(portrait, face, reference, art, 1.0).frames(coefficients)``"""

    def __init__(self, stylist: Stylist, network: MotionNetwork, prior: Prior) -> None:
        self.stylist = stylist
        self.network = network.eval()
        self.prior = prior

    @property
    def size(self) -> int:
        """Side of the pictures that the network was trained on."""
        return self.network.config.size

    @classmethod
    def from_pretrained(cls, folder: Path) -> StyleAPipeline:
        """folder: `models/style_a`. Raises `UserError` when it lacks a trained model."""
        from components.style_a.art.stylist import ArtStylist

        network = MotionNetwork.from_pretrained(folder / MOTION)
        prior = MeshPrior(LandmarkBasis.load(folder / MOTION)) if network.config.prior == "mesh" else NoPrior()
        return cls(ArtStylist.from_pretrained(folder / ART), network, prior)

    def save_pretrained(self, folder: Path) -> None:
        self.stylist.save_pretrained(folder / ART)
        self.network.save_pretrained(folder / MOTION)
        if isinstance(self.prior, MeshPrior):
            self.prior.basis.save(folder / MOTION)

    def prepare(
        self,
        portrait: Image,
        landmarks: Landmarked,
        reference: NDArray[np.floating],
        art: Image | None = None,
        degree: float = 1.0,
        size: int | None = None,
        plain: bool = False,
    ) -> PortraitAnimator:
        """All that depends on portrait and style alone.

        portrait: (s, s, 3) around the face; landmarks: its face, in its pixels; reference: (58,) its coefficients;
        art: picture whose style to take, None for the portrait as it is; degree: 0-1 of that style; size: side of the
        frames (default: the trained size); plain: run the unoptimized network (for tests).
        Raises `UserError` for a portrait that is not square and `ValueError` for a degree outside 0-1.
        """
        height, width = portrait.shape[:2]
        if height != width:
            raise UserError(f"the portrait must be square, not {width} x {height}; crop it around the face")
        if not 0 <= degree <= 1:
            raise ValueError(f"degree must lie in [0, 1], not {degree}")
        size = size or self.size
        detail = size if height <= size else min(height, max(size, DETAIL))
        points = landmarks.points * np.float32(detail / height)
        original = resize(portrait, detail)
        picture = original if art is None or degree == 0 else self.stylist.stylize(original, art, degree)
        prior = self.prior.fit(original, points, reference)
        low = to_picture(resize(picture, self.size)[None])
        square = Crop((0,), (0,), self.size // 2)
        if isinstance(self.prior, MeshPrior):
            square = face_square(points / np.float32(detail), self.size // 2)
        renderer = (PlainRenderer if plain else CachedRenderer)(self.network, low, square)
        colors = color_map(original, picture)
        return PortraitAnimator(picture, prior, renderer, square, reference, size, self.size, colors)


class PortraitAnimator:
    """One portrait in its style, ready to move. Each frame depends on its own coefficients alone: they can be streamed.

    picture: (s, s, 3) the portrait in its style; reference: (58,) its coefficients; size: side of the frames.
    """

    def __init__(
        self,
        picture: Image,
        prior: PortraitPrior,
        correct: Correction,
        square: Crop,
        reference: NDArray[np.floating],
        size: int,
        grid: int,
        colors: NDArray[np.float32],
    ) -> None:
        self.picture = picture
        self.reference = reference
        self.size = size
        self._prior = prior
        self._correct = correct
        self._grid = grid
        self._colors = colors
        top, left, length = 2 * square.tops[0], 2 * square.lefts[0], 2 * square.side
        self._window = (slice(top, top + length), slice(left, left + length))
        self._share = fade(length) if length < grid else np.ones((length, length, 1), np.float32)

    def frames(self, coefficients: Iterable[NDArray[np.floating]]) -> Iterator[Image]:
        """(T, 58) -> T frames (size, size, 3), one at a time."""
        for row in coefficients:
            yield self.frame(row)

    def frame(self, coefficients: NDArray[np.floating]) -> Image:
        """(58,) -> (size, size, 3) uint8."""
        side = self.picture.shape[0]
        proposal = self._in_style(self._prior(coefficients, self._grid))
        motion = to_motion([halve_frame(proposal)], [condition(self.reference, coefficients)], side)
        residual, change = self._correct(motion)
        shift = cv2.resize(residual, (self._grid, self._grid), interpolation=cv2.INTER_LINEAR) * np.float32(side / 2)
        pixels = warp_image(self.picture, proposal.flow + shift, side)
        pixels = lay_mouth(soften_folds(pixels, find_folds(proposal.flow)), proposal.mouth)
        refinement = np.zeros((self._grid, self._grid, 3), np.float32)
        repaintable = 1.0 - MOUTH_LOCK * proposal.mouth[self._window][..., 3:]
        refinement[self._window] = change * repaintable * self._share
        pixels += cv2.resize(refinement, (side, side), interpolation=cv2.INTER_LINEAR)
        frame = np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
        return resize(frame, self.size)

    def _in_style(self, frame: PriorFrame) -> PriorFrame:
        """The painted mouth through the colors of the stylized portrait."""
        color = np.clip(frame.mouth[..., :3] @ self._colors[:3] + self._colors[3], 0, 1)
        mouth = np.concatenate([color, frame.mouth[..., 3:]], axis=-1)
        return PriorFrame(frame.flow, frame.classes, mouth)


def face_square(points: NDArray[np.floating], grid: int) -> Crop:
    """The square to refine, with room for the face to move. points: (478, 3) in portrait sides; grid: cells a side."""
    low, high = points[:, :2].min(0) * grid, points[:, :2].max(0) * grid
    side = min(int(np.ceil((high - low).max() * SQUARE_SIDE)) // 2 * 2, grid)
    left, top = (int(np.clip(place, 0, grid - side)) // 2 * 2 for place in (low + high - side) / 2)
    return Crop((top,), (left,), side)


def fade(length: int) -> NDArray[np.float32]:
    """(length, length, 1): 1 inside, falling to 0 at the border of a refined square."""
    ramp = np.minimum(np.arange(length) + 0.5, np.arange(length)[::-1] + 0.5) / (FADE * length)
    edge = np.clip(ramp, 0, 1).astype(np.float32)
    return np.asarray((edge[:, None] * edge[None, :])[..., None])


def halve_frame(frame: PriorFrame) -> PriorFrame:
    """The frame on a grid of half the side: flow and mouth averaged over 2 x 2 cells, classes of every other cell."""
    grid = frame.flow.shape[0] // 2

    def mean(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.resize(array, (grid, grid), interpolation=cv2.INTER_AREA))

    return PriorFrame(mean(frame.flow), frame.classes[1::2, 1::2], mean(frame.mouth))


def color_map(original: Image, stylized: Image) -> NDArray[np.float32]:
    """(4, 3) affine map of RGB in 0-1 from a portrait to its stylized copy (ridge regression towards identity)."""
    if stylized is original:
        return np.eye(4, 3, dtype=np.float32)
    before = resize(original, 128).reshape(-1, 3).astype(np.float64) / 255
    after = resize(stylized, 128).reshape(-1, 3).astype(np.float64) / 255
    design = np.c_[before, np.ones(len(before))]
    pull = COLOR_RIDGE * np.eye(4)
    solution = np.linalg.solve(design.T @ design + pull, design.T @ after + pull[:, :3])
    return np.asarray(solution, dtype=np.float32)
