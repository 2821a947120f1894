"""The palette of an art picture carried over region by region: skin to skin, hair to hair, the rest to the rest.

Lightness follows a monotone curve; color follows the tone as it does in the art picture, and what color is left over
within a tone is stretched to the art picture's own spread (optimal transport of Gaussians). All gains are bounded, so
that noise is not blown up into color and a face keeps its forms. Axes: H, W pixels, R regions, K tones; Lab is OpenCV's
float CIE L*a*b* (L in 0..100).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image
from components.style_a.art.measure.regions import SKIN, Regions, weights_of
from components.style_a.art.palette import transfer_matrix
from components.style_a.art.strokes import Picture, Plane

TONES = 9
SAMPLE_SIDE = 128  # shorter side, pixels, at which palettes are read
STEEPEST, FLATTEST = 2.2, 0.3  # slopes of the lightness curve
FACE_STEEPEST, FACE_FLATTEST = 1.4, 0.6  # the same on skin: eyes and mouth must stay readable
INKED_FLATTEST = 0.2
OWN_HUE = 0.2  # share of its own color that a person keeps under a palette that was taken from no person
HUE_STEEPEST, FACE_HUE_STEEPEST = 1.2, 0.5  # a*, b* a unit of L*: a flat wall's noise must not fall apart into colors
_QUANTILES = (np.arange(TONES) + 0.5) / TONES
_LEAST_SPREAD = 2.0  # (L*a*b*)^2 added to leftover colors' covariances, so that gray pictures stay finite


@dataclass(frozen=True)
class TonePalette:
    """Of one region. levels: (K,) lightness at even shares of the area; colors: (K, 2) mean a*, b* around these;
    spread: (2, 2) covariance of what is left over."""

    levels: NDArray[np.float64]
    colors: NDArray[np.float64]
    spread: NDArray[np.float64]


def to_lab(picture: Picture) -> Picture:
    """(H, W, 3) float32 RGB in [0, 1] to Lab."""
    return cv2.cvtColor(np.ascontiguousarray(picture, np.float32), cv2.COLOR_RGB2LAB)


def to_rgb(lab: Picture) -> Picture:
    """Lab to (H, W, 3) float32 RGB in [0, 1], clipped."""
    return np.asarray(np.clip(cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_LAB2RGB), 0, 1))


def shrunk(image: Picture, side: int) -> Picture:
    """A picture whose shorter side is at most `side`."""
    height, width = image.shape[:2]
    scale = side / min(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def art_palettes(art: Image, regions: Regions) -> tuple[TonePalette, ...]:
    """The palette of each region of an (H, W, 3) uint8 RGB picture."""
    return read_palettes(to_lab(shrunk(art, SAMPLE_SIDE).astype(np.float32) / 255), regions)


def read_palettes(lab: Picture, regions: Regions) -> tuple[TonePalette, ...]:
    """The palette of each region of an (H, W, 3) Lab picture."""
    sample = shrunk(lab, SAMPLE_SIDE)
    weights = weights_of(regions.at(*sample.shape[:2]).shares).reshape(-1, regions.count)
    colors = sample.reshape(-1, 3).astype(np.float64)
    order = np.argsort(colors[:, 0], kind="stable")
    return tuple(_read(colors[order], weights[order, r].astype(np.float64)) for r in range(regions.count))


def _read(colors: NDArray[np.float64], weights: NDArray[np.float64]) -> TonePalette:
    """colors: (N, 3) by rising lightness."""
    rank = np.cumsum(weights) - weights / 2
    rank /= rank[-1] + weights[-1] / 2
    levels = np.interp(_QUANTILES, rank, colors[:, 0])
    # Each pixel counts for the two nearest tones, so that colors change smoothly from tone to tone.
    place = np.clip(rank * TONES - 0.5, 0, TONES - 1)
    near = np.maximum(1 - np.abs(place[:, None] - np.arange(TONES)), 0) * weights[:, None]  # (N, K)
    means = near.T @ colors[:, 1:] / (near.sum(0)[:, None] + 1e-12)
    left = colors[:, 1:] - _at(rank, _QUANTILES, means)
    spread = (left * weights[:, None]).T @ left / weights.sum()
    return TonePalette(levels, means, spread + _LEAST_SPREAD * np.eye(2))


def _at(x: NDArray[np.floating], stops: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of `values` (K, C) at `x`, piecewise linear between `stops` (K,)."""
    return np.stack([np.interp(x, stops, column) for column in values.T], -1)


def recolor(lab: Picture, regions: Regions, palettes: Sequence[TonePalette], inked: float = 0.0) -> Picture:
    """(H, W, 3) Lab in the palettes of the art picture's regions, as many as `regions` has.

    inked: 0-1, how far lines carry the face; its tones may then be as flat as the art picture's.
    """
    own = read_palettes(lab, regions)
    out = np.zeros_like(lab)
    for r, (mine, theirs) in enumerate(zip(own, palettes, strict=True)):
        face = regions.count > 1 and r == SKIN
        flattest = (1 - inked) * FACE_FLATTEST + inked * INKED_FLATTEST
        bounds = (flattest, FACE_STEEPEST) if face else (FLATTEST * (1 - 0.5 * inked), STEEPEST)
        moved = _recolor(lab, mine, theirs, bounds, FACE_HUE_STEEPEST if face else HUE_STEEPEST)
        if face and regions.faceless:
            moved[..., 1:] += np.float32(OWN_HUE) * (lab[..., 1:] - moved[..., 1:])
        out += moved * regions.shares[..., r : r + 1]
    return out


def _recolor(
    lab: Picture, mine: TonePalette, theirs: TonePalette, bounds: tuple[float, float], hue_bound: float
) -> Picture:
    stops, goals = _curve(mine.levels, theirs.levels, bounds)
    # A table over lightness: 512 steps are finer than any picture shows.
    table = np.linspace(0, 100, 512)
    lightness = np.interp(table, stops, goals)
    matrix = transfer_matrix(mine.spread, theirs.spread)
    levels, shifts = _rising(mine.levels), theirs.colors - mine.colors @ matrix.T
    steps = np.diff(levels)[:, None]
    gentle = np.cumsum(
        np.r_[np.zeros((1, 2)), np.clip(np.diff(shifts, axis=0) / steps, -hue_bound, hue_bound) * steps], 0
    )
    # Through the middle tones: the mean over all of them would be gray where an art picture is colorful.
    shift = _at(table, levels, gentle + (shifts - gentle)[TONES // 3 : -(TONES // 3)].mean(0))
    index = np.clip(lab[..., 0] * np.float32(511 / 100) + 0.5, 0, 511).astype(np.int32)
    out = np.empty_like(lab)
    out[..., 0] = _smooth_lookup(lab[..., 0], lightness)
    out[..., 1:] = lab[..., 1:] @ matrix.T.astype(np.float32) + shift.astype(np.float32)[index]
    return out


def _smooth_lookup(plane: Plane, table: NDArray[np.float64]) -> Plane:
    place = np.clip(plane * np.float32((len(table) - 1) / 100), 0, len(table) - 1.001)
    index = place.astype(np.int32)
    values = table.astype(np.float32)
    return np.asarray(values[index] + (values[index + 1] - values[index]) * (place - index))


def _rising(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same levels, strictly rising."""
    return np.asarray(np.maximum.accumulate(levels) + 1e-6 * np.arange(len(levels)))


def _curve(
    mine: NDArray[np.float64], theirs: NDArray[np.float64], bounds: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Stops and goals of the lightness curve over 0-100, its slopes within the bounds, its mean the art picture's."""
    stops = np.r_[0.0, _rising(mine), 100.0]
    ends = np.r_[theirs[0] - mine[0], theirs, theirs[-1] + 100 - mine[-1]]
    steps = np.diff(stops)
    slopes = np.clip(np.diff(ends) / np.maximum(steps, 1e-6), *bounds)
    goals = np.r_[0.0, np.cumsum(slopes * steps)]
    goals += theirs.mean() - goals[1:-1].mean()
    return stops, np.clip(goals, 0, 100)
