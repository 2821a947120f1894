"""Palettes by tone, and colors moved to those of an art picture in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.art.palette import PALETTE_SIZE, tone_palette, transfer_matrix, transfer_palette
from tests.components.style_a.art.pictures import picture


def test_transfer_matrix_takes_one_covariance_to_the_other() -> None:
    rng = np.random.default_rng(0)
    source, target = (m @ m.T + np.eye(3) for m in rng.normal(0, 0.3, (2, 3, 3)))  # a stretch below its bound
    matrix = transfer_matrix(source, target)
    np.testing.assert_allclose(matrix @ source @ matrix.T, target, atol=1e-6)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)


def test_the_stretch_is_bounded() -> None:
    matrix = transfer_matrix(np.eye(3), 100 * np.eye(3))
    np.testing.assert_allclose(matrix, 1.7 * np.eye(3), atol=1e-9)


def test_palette_transfer_moves_colors_toward_the_art() -> None:
    image = picture(64, 64, 1)
    art = (picture(64, 64, 2) * np.array([1.0, 0.4, 0.2])).astype(np.uint8)
    distances = []
    for amount in (0.0, 0.5, 1.0):
        moved = transfer_palette(image, art, amount)
        distances.append(np.abs(moved.mean((0, 1)) - art.mean((0, 1))).sum())
    assert transfer_palette(image, art, 0.0) is image
    assert distances[0] > distances[1] > distances[2]
    assert transfer_palette(image, np.zeros_like(art), 1.0).dtype == np.uint8  # a flat art picture is no error


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 3), (2, 1, 3)])
def test_art_of_hardly_a_pixel_is_no_error(shape: tuple[int, int, int]) -> None:
    portrait = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    art = np.full(shape, 77, np.uint8)
    moved = transfer_palette(portrait, art, 1.0)
    assert moved.shape == portrait.shape
    assert np.abs(moved.mean((0, 1)) - 77).sum() < np.abs(portrait.mean((0, 1)) - 77).sum()
    assert np.isfinite(tone_palette(art)).all()


def test_tone_palette_lists_inks_from_dark_to_light() -> None:
    art = np.zeros((50, 50, 3), np.uint8)
    for k in range(5):
        art[10 * k : 10 * (k + 1)] = (50 * k, 40 * k, 60 * k)
    palette = tone_palette(art)
    assert palette.shape == (PALETTE_SIZE,)
    inks = palette[:15].reshape(5, 3)
    np.testing.assert_allclose(inks[0], -1, atol=0.1)
    np.testing.assert_allclose(inks[4], np.array([200, 160, 240]) / 127.5 - 1, atol=0.1)
    assert (np.diff(inks.mean(1)) > 0).all()
    np.testing.assert_allclose(palette[15:18], np.array([100, 80, 120]) / 127.5 - 1, atol=0.05)  # the mean
