"""Habits do what they say: nothing, lines, surface; eyes and mouth keep part of the photograph."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.art.brush_bank import paint_all
from components.style_a.art.measure.hand import HABITS, LAYERS, Colors, Sheet, draw, flats, lay_out
from components.style_a.art.measure.region_palette import read_palettes, to_lab
from components.style_a.art.measure.regions import Regions
from tests.components.style_a.art.pictures import face

NONE = np.zeros((96, 96, 3), np.float32)


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    regions = Regions(np.ones((96, 96, 1), np.float32), np.zeros((96, 96), np.float32))
    return lay_out(paint_all(face(96)), NONE, regions)


@pytest.fixture(scope="module")
def own(sheet: Sheet) -> Colors:
    return Colors(read_palettes(to_lab(sheet.photo), sheet.regions), np.zeros(3, np.float32), np.zeros((6, 6, 3), "f"))


def habits(**values: float) -> np.ndarray:
    return np.array([values.get(name, 0.0) for name in HABITS])


def test_no_habit_leaves_the_photograph(sheet: Sheet, own: Colors) -> None:
    np.testing.assert_allclose(draw(sheet, habits(), own, NONE), to_lab(sheet.photo), atol=1)


def test_ink_darkens_only_where_lines_are(sheet: Sheet, own: Colors) -> None:
    plain, inked = (draw(sheet, habits(bold=bold), own, NONE)[..., 0] for bold in (0.0, 1.0))
    assert (plain - inked)[sheet.bold > 0.8].mean() > 10
    assert np.abs(plain - inked)[sheet.bold < 0.02].mean() < 5


def test_eyes_keep_part_of_the_photograph_and_are_spared(sheet: Sheet, own: Colors) -> None:
    eyes = np.zeros((96, 96), np.float32)
    eyes[40:50, 30:66] = 1
    marked = Sheet(sheet.photo, sheet.layers, sheet.fine, sheet.bold, Regions(sheet.regions.shares, eyes))
    noise = np.random.default_rng(0).normal(0, 20, (96, 96, 3)).astype(np.float32)
    moved = np.abs(draw(marked, habits(surface=1), own, noise) - draw(marked, habits(), own, NONE))[..., 0]
    assert moved[eyes == 1].mean() < 0.5 * moved[eyes == 0].mean()


def test_flats_are_of_few_colors(sheet: Sheet) -> None:
    flat = flats(sheet.layers[LAYERS.index("smooth")])
    steep = np.abs(np.diff(flat.mean(-1), axis=1))
    assert (steep < 1e-3).mean() > 0.6


def test_a_sheet_of_another_size(sheet: Sheet) -> None:
    small = sheet.at(48, 40)
    assert small.photo.shape == (48, 40, 3)
    assert small.layers.shape == (len(LAYERS), 48, 40, 3)
    assert small.regions.shares.shape == (48, 40, 1)
