"""Colors go from region to region, and noise is not blown up."""

from __future__ import annotations

import numpy as np

from components.style_a.art.measure.region_palette import read_palettes, recolor, to_lab, to_rgb
from components.style_a.art.measure.regions import Regions
from tests.components.style_a.art.pictures import picture


def halves() -> Regions:
    shares = np.zeros((64, 64, 3), np.float32)
    shares[:, :20, 0] = shares[:, 20:40, 1] = shares[:, 40:, 2] = 1
    return Regions(shares, np.zeros((64, 64), np.float32))


def test_each_region_takes_its_partners_color() -> None:
    colors = np.array([[0.9, 0.6, 0.5], [0.2, 0.1, 0.1], [0.1, 0.3, 0.8]], np.float32)
    art = to_lab(halves().shares @ colors)
    lab = to_lab(picture(64, 64, 1).astype(np.float32) / 255)
    moved = to_rgb(recolor(lab, halves(), read_palettes(art, halves())))
    for r, color in enumerate(colors):
        mean = moved[halves().shares[..., r] > 0].mean(0)
        assert np.abs(mean - color).max() < 0.15
    assert np.abs(moved[:, 2] - moved[:, 62]).mean() > 0.3


def test_a_pictures_own_palette_changes_nothing() -> None:
    lab = to_lab(picture(64, 64, 2).astype(np.float32) / 255)
    np.testing.assert_allclose(recolor(lab, halves(), read_palettes(lab, halves())), lab, atol=0.5)


def test_a_flat_wall_stays_flat_under_a_colorful_palette() -> None:
    one = halves().merged()
    wall = np.full((64, 64, 3), 0.7, np.float32) + np.random.default_rng(0).normal(0, 0.004, (64, 64, 1))
    art = to_lab(picture(64, 64, 3).astype(np.float32) / 255)
    moved = recolor(to_lab(wall), one, read_palettes(art, one))
    assert moved[..., 1:].std((0, 1)).max() < 4
