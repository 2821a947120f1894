"""Photo-like variety follows its generator, keeps the size and changes the picture."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.art.augment import as_photo, as_texture, dead_leaves
from tests.components.style_a.art.pictures import face


def test_photo_variety_follows_its_generator_and_keeps_the_size() -> None:
    image = face(96)
    first, again, other = (as_photo(image, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert np.abs(first.astype(int) - other).mean() > 3


@pytest.mark.parametrize("shape", [(40, 56), (33, 17)])
def test_textures_have_any_shape_and_no_flat_color(shape: tuple[int, int]) -> None:
    texture = as_texture(*shape, np.random.default_rng(0))
    assert texture.shape == (*shape, 3)
    assert texture.std(axis=(0, 1)).min() > 5


def test_leaves_hide_each_other_at_edges() -> None:
    """Shapes in front of shapes: most neighbors are alike, some differ a lot."""
    leaves = dead_leaves(64, 64, np.random.default_rng(4))
    assert leaves.dtype == np.float32
    assert leaves.min() >= 0
    assert leaves.max() <= 1
    steps = np.abs(np.diff(leaves, axis=1)).max(-1)
    assert np.median(steps) < 0.3 * np.percentile(steps, 95)
