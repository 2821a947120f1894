"""Palettes by tone, and the map between two spreads of colors."""

from __future__ import annotations

import numpy as np

from components.style_a.art.palette import PALETTE_SIZE, tone_palette, transfer_matrix


def test_transfer_matrix_takes_one_covariance_to_the_other() -> None:
    rng = np.random.default_rng(0)
    source, target = (m @ m.T + np.eye(3) for m in rng.normal(0, 0.3, (2, 3, 3)))  # a stretch below its bound
    matrix = transfer_matrix(source, target)
    np.testing.assert_allclose(matrix @ source @ matrix.T, target, atol=1e-6)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)


def test_the_stretch_is_bounded() -> None:
    matrix = transfer_matrix(np.eye(3), 100 * np.eye(3))
    np.testing.assert_allclose(matrix, 1.7 * np.eye(3), atol=1e-9)


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
