"""What is drawn by measure comes nearer to the art picture than the portrait is, in colors and in texture."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.media import Image
from components.style_a.art.brush_bank import paint_all
from components.style_a.art.measure.by_measure import Asked, Measured, ask, paint_by_measure, sized
from components.style_a.art.measure.hand import lay_out
from components.style_a.art.measure.region_palette import to_rgb
from components.style_a.art.measure.regions import find_regions, partners
from evaluation.gallery.pictures import PICTURES
from tests.components.style_a.art.pictures import picture


def drawn(portrait: Image, art: Image) -> tuple[Asked, Measured]:
    mine, theirs = partners(find_regions(portrait), find_regions(art))
    asked = ask(art, theirs)
    photo = portrait.astype(np.float32) / 255
    return asked, paint_by_measure(lay_out(paint_all(portrait), photo, mine), art, asked)


def art_of(name: str) -> Image:
    return np.clip(PICTURES[name]() * 255, 0, 255).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["woodcut", "stained_glass", "gold_leaf"])
def test_the_result_is_nearer_than_the_portrait(face: Image, name: str) -> None:
    art = art_of(name)
    _, measured = drawn(face, art)
    assert measured.gap < 0.5 * measured.drawn_gap  # the portrait itself stands in for the network's drawing
    result = to_rgb(measured.lab)
    assert np.abs(result.mean((0, 1)) - art.mean((0, 1)) / 255).max() < 0.15


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 3), (300, 20, 3)])
def test_art_of_hardly_a_pixel_is_no_error(shape: tuple[int, int, int]) -> None:
    _, measured = drawn(picture(64, 80), np.full(shape, 77, np.uint8))
    assert measured.lab.shape == (64, 80, 3)
    assert np.isfinite(measured.lab).all()
    assert np.abs(to_rgb(measured.lab).mean((0, 1)) * 255 - 77).max() < 25


def test_long_pictures_are_cut_and_small_ones_grow() -> None:
    assert sized(picture(40, 400), 64).shape == (64, 102, 3)
    assert sized(picture(10, 10), 64).shape == (64, 64, 3)
