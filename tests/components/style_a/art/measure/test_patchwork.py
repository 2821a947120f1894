"""The art's surface is laid, its forms are not, and what is sewn lives at any size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from components.style_a.art.measure.patchwork import GRID, detail_of, lay, sew, surface
from components.style_a.art.measure.regions import Regions


def whole(height: int = GRID, width: int = GRID) -> Regions:
    return Regions(np.ones((height, width, 1), np.float32), np.zeros((height, width), np.float32))


def stripes() -> np.ndarray:
    lab = np.full((GRID, GRID, 3), 50, np.float32)
    lab[..., 1:] = 0
    lab[..., 0] += 15 * np.sin(np.arange(GRID) * 1.2)[:, None]
    return lab


@pytest.mark.parametrize("size", [(64, 64), (300, 260), (512, 512)])
def test_stripes_stay_stripes_of_their_direction(size: tuple[int, int]) -> None:
    art = surface(stripes(), whole())
    quilt = lay(art, np.full((GRID, GRID), 50, np.float32), whole())
    grown = cv2.resize(stripes(), (min(size), min(size)), interpolation=cv2.INTER_LINEAR)
    sewn = sew(quilt, detail_of(grown, True), *size)[..., 0]
    assert sewn.shape == size
    inner = sewn[: min(size) - 8, : min(size) - 8]
    assert np.abs(np.diff(inner, axis=0)).mean() > 4 * np.abs(np.diff(inner, axis=1)).mean()


def test_a_lone_contour_is_no_surface() -> None:
    lab = stripes() / 15
    lab[..., 0] += 50
    lab[100:103] -= np.array([40, 0, 0], np.float32)
    art = surface(lab, whole())
    near = np.abs(art.corners[:, 0] + 16 - 101) < 14
    assert not near.any()
    assert len(art.corners) > 100


def test_flat_inks_have_no_surface() -> None:
    lab = np.zeros((GRID, GRID, 3), np.float32)
    lab[:, ::64, 0] = 80
    quilt = lay(surface(lab, whole()), np.full((GRID, GRID), 50, np.float32), whole())
    assert quilt.gains.max() == 0


def test_mouths_of_the_art_are_never_laid() -> None:
    regions = whole()
    regions.features[100:140, 80:180] = 1
    corners = surface(stripes(), regions).corners
    inside = (corners[:, 0] > 75) & (corners[:, 0] < 135) & (corners[:, 1] > 55) & (corners[:, 1] < 175)
    assert not inside.any()
