"""How near a picture is to an art picture in palette and in texture, and whether it is nearest to the one asked for.

For art of any kind, so without classes. The numbers are others than those by which the art model chooses its means:
colors are compared as distributions along many axes instead of by mean and covariance, in fixed parts of the picture
instead of around a face that was found; texture by bands of a Laplacian pyramid instead of by gradients.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from evaluation.metrics.art_style import square

PALETTE_SIDE = 96  # pixels at which colors are compared
TEXTURE_SIDE = 224  # pixels at which texture is measured
AXES = 24  # of the sliced Wasserstein distance
QUANTILES = 48
LEVELS = 4  # of the pyramid
ANGLES = 6  # orientations of the energy
FLOOR = 0.15  # L*a*b* units, below which an energy is nothing to see
LEAST_SPREAD = 0.25  # of a texture number over the art pictures: what hardly differs must not decide


def palette(image: Image) -> NDArray[np.float64]:
    """(H, W, 3) uint8 RGB -> (2 * AXES * QUANTILES,): Lab colors of the whole and of its middle, along every axis.

    The mean absolute difference of two of them is a sliced Wasserstein-1 distance (Rabin et al. 2011) in L*a*b* units.
    """
    lab = _lab(square(image, PALETTE_SIDE))
    rows, columns = np.mgrid[-1 : 1 : PALETTE_SIDE * 1j, -1 : 1 : PALETTE_SIDE * 1j]
    middle = (columns / 0.5) ** 2 + (rows / 0.62) ** 2 < 1
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    parts = [np.quantile(colors @ _axes().T, levels, axis=0) for colors in (lab.reshape(-1, 3), lab[middle])]
    return np.concatenate([part.ravel() for part in parts])


def texture(image: Image) -> NDArray[np.float64]:
    """(H, W, 3) uint8 RGB -> (F,): energy, tails, slant and color of the bands, and which way fine detail runs."""
    lab = _lab(square(image, TEXTURE_SIDE)).astype(np.float32)
    numbers: list[float] = []
    for level in range(LEVELS):
        small = cv2.pyrDown(lab)
        band = lab - cv2.pyrUp(small, dstsize=lab.shape[1::-1])
        light, color = band[..., 0].astype(np.float64), band[..., 1:]
        energy = float(np.sqrt((light**2).mean()))
        numbers.append(np.log(energy + FLOOR))
        numbers.append(np.log((np.abs(light).mean() + FLOOR) / (energy + FLOOR)) * 2)  # low: few strong lines
        numbers.append(float(np.cbrt((light**3).mean()) / (energy + FLOOR)))  # below 0: dark lines, above: light ones
        if level < LEVELS - 1:
            numbers.append(np.log(float(np.sqrt((color**2).mean())) + FLOOR))
            numbers.append(_anisotropy(light))
        lab = np.asarray(small, np.float32)
    return np.array(numbers)


def _anisotropy(band: NDArray[np.float64]) -> float:
    """Log of the strongest direction's energy over the mean of all (Fourier sectors): 0 without a direction."""
    power = np.abs(np.fft.fft2(band * np.hanning(band.shape[0])[:, None] * np.hanning(band.shape[1]))) ** 2
    angle = np.arctan2(np.fft.fftfreq(band.shape[0])[:, None], np.fft.fftfreq(band.shape[1])) % np.pi
    sector = np.minimum((angle / np.pi * ANGLES).astype(int), ANGLES - 1)
    energy = np.bincount(sector.ravel(), power.ravel(), ANGLES) / np.bincount(sector.ravel(), minlength=ANGLES)
    return float(np.log((energy.max() + FLOOR) / (energy.mean() + FLOOR)))


class ArtLikeness:
    """Compares pictures with a set of art pictures: distances of palettes in L*a*b* units, of textures in spreads."""

    def __init__(self, arts: Sequence[Image]) -> None:
        if len(arts) < 2:
            raise ValueError(
                f"{len(arts)} art pictures: at least two are needed, or the nearest is always the right one"
            )
        self._palettes = np.stack([palette(art) for art in arts])  # (arts, P)
        self._textures = np.stack([texture(art) for art in arts])  # (arts, F)
        self._spread = self._textures.std(0) + LEAST_SPREAD

    def palette_distances(self, image: Image) -> NDArray[np.float64]:
        """(H, W, 3) uint8 RGB -> (arts,)."""
        return np.asarray(np.abs(self._palettes - palette(image)).mean(1))

    def texture_distances(self, image: Image) -> NDArray[np.float64]:
        """(H, W, 3) uint8 RGB -> (arts,)."""
        apart = (self._textures - texture(image)) / self._spread
        return np.asarray(np.sqrt((apart**2).mean(1)))


def _axes() -> NDArray[np.float64]:
    """(AXES, 3) unit vectors spread evenly over the half sphere (Fibonacci lattice)."""
    k = np.arange(AXES) + 0.5
    height, turn = 1 - k / AXES, np.pi * (1 + 5**0.5) * k
    radius = np.sqrt(1 - height**2)
    return np.stack([height, radius * np.cos(turn), radius * np.sin(turn)], 1)


def _lab(image: Image) -> NDArray[np.float64]:
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
