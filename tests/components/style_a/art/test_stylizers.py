"""Brushes and stylizers: deterministic, of the picture's size, the same look at every resolution, all different."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.style_a.art import strokes
from components.style_a.art.augment import as_photo, as_texture
from components.style_a.art.brush_bank import BRUSHES, CHANNELS, brush_bank, paint_all
from components.style_a.art.stylizers import STYLE_NAMES, STYLIZERS, VARIANTS, compose
from tests.components.style_a.art.faces import face


def test_bank_has_every_channel_and_starts_with_the_picture() -> None:
    image = face()
    bank = brush_bank(image)
    assert bank.shape == (128, 128, BRUSHES)
    assert bank.dtype == np.uint8
    assert len(set(CHANNELS)) == BRUSHES
    np.testing.assert_array_equal(bank[..., :3], image)
    flat = [name for k, name in enumerate(CHANNELS) if bank[..., k].std() < 1]
    assert flat == []


def test_same_picture_same_bytes() -> None:
    image = face()
    np.testing.assert_array_equal(brush_bank(image), brush_bank(image.copy()))
    for name, stylize in STYLIZERS.items():
        np.testing.assert_array_equal(stylize(image, 1), stylize(image.copy(), 1), err_msg=name)


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_variants_differ_and_every_style_changes_the_picture(name: str) -> None:
    image = face()
    brushes = paint_all(image)
    pictures = [compose(name, brushes, seed) for seed in range(VARIANTS + 1)]
    assert all(picture.shape == image.shape for picture in pictures)
    np.testing.assert_array_equal(pictures[0], pictures[VARIANTS])
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(pictures[a].astype(int) - pictures[b]).mean() > 1.5
    assert np.abs(pictures[0].astype(int) - image).mean() > 4


@settings(max_examples=8, deadline=None)
@given(height=st.integers(8, 90), width=st.integers(8, 90), seed=st.integers(0, 9))
def test_any_size_and_content(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    brushes = paint_all(image)
    for name in STYLE_NAMES:
        assert compose(name, brushes, seed).shape == image.shape


@pytest.mark.parametrize("value", [0, 255])
def test_flat_pictures_give_finite_brushes(value: int) -> None:
    brushes = paint_all(np.full((64, 48, 3), value, np.uint8))
    for name, plane in vars(brushes).items():
        assert np.isfinite(plane).all(), name


@pytest.mark.parametrize("name", ["comic", "sketch", "oil", "pixel"])
def test_strokes_keep_their_size_relative_to_the_picture(name: str) -> None:
    """A style at twice the size, averaged down, resembles the style at the single size more than the plain picture."""
    small, large = face(192), face(384)
    at_large = cv2.resize(STYLIZERS[name](large, 0), (192, 192), interpolation=cv2.INTER_AREA).astype(float)
    at_small = STYLIZERS[name](small, 0).astype(float)
    assert np.abs(at_large - at_small).mean() < 0.5 * np.abs(small - at_small).mean()


def test_smear_follows_its_direction() -> None:
    noise = strokes.noise(96, 96, 0, 3)[..., None].copy()
    across = (np.ones((96, 96), np.float32), np.zeros((96, 96), np.float32))
    smeared = strokes.smear(noise, across, 8)[..., 0]
    along = np.abs(np.diff(smeared, axis=1)).mean()
    assert np.abs(np.diff(smeared, axis=0)).mean() > 3 * along


def test_kuwahara_keeps_a_step_sharp_where_blur_does_not() -> None:
    step = np.zeros((64, 64, 3), np.float32)
    step[:, 32:] = 1
    flat = strokes.kuwahara(step, 16)
    assert flat[32, 31].max() == 0
    assert flat[32, 32].min() == 1


def test_photo_variety_follows_its_generator_and_keeps_the_size() -> None:
    image = face(96)
    first, again, other = (as_photo(image, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == image.shape
    assert np.abs(first.astype(int) - other).mean() > 3
    assert as_texture(40, 56, np.random.default_rng(0)).shape == (40, 56, 3)
