"""Twelve pictures, the same each time, and none like another."""

from __future__ import annotations

import numpy as np

from evaluation.gallery.pictures import PICTURES, gallery
from evaluation.gallery.subjects import SIDE


def test_twelve_pictures_of_one_size_that_differ() -> None:
    pictures = gallery()
    assert len(pictures) == 12
    assert {picture.shape for picture in pictures.values()} == {(SIDE, SIDE, 3)}
    flat = np.stack([picture.reshape(-1).astype(float) for picture in pictures.values()])
    apart = np.abs(flat[:, None] - flat[None]).mean(-1) + 255 * np.eye(12)
    assert apart.min() > 20


def test_a_picture_is_the_same_every_time() -> None:
    for name in ("pointillist", "stained_glass", "charcoal"):
        np.testing.assert_array_equal(PICTURES[name](), PICTURES[name]())
