"""Stylizers: deterministic, of the picture's size, the same look at every resolution, all different."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.style_a.art.brush_bank import paint_all
from components.style_a.art.stylizers import STYLE_NAMES, STYLIZERS, VARIANTS, compose, grade, saturate
from tests.components.style_a.art.pictures import face


def test_same_picture_same_bytes() -> None:
    image = face()
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


@pytest.mark.parametrize("name", ["comic", "sketch", "oil", "pixel"])
def test_strokes_keep_their_size_relative_to_the_picture(name: str) -> None:
    """A style at twice the size, averaged down, resembles the style at the single size more than the plain picture."""
    small, large = face(192), face(384)
    at_large = cv2.resize(STYLIZERS[name](large, 0), (192, 192), interpolation=cv2.INTER_AREA).astype(float)
    at_small = STYLIZERS[name](small, 0).astype(float)
    assert np.abs(at_large - at_small).mean() < 0.5 * np.abs(small - at_small).mean()


def test_grading_runs_through_its_colors() -> None:
    colors = ((0.0, 0.0, 0.5), (1.0, 0.5, 0.0), (1.0, 1.0, 1.0))
    luma = np.array([[0.0, 0.25, 0.5, 1.0]], np.float32)
    expected = [[0, 0, 0.5], [0.5, 0.25, 0.25], [1, 0.5, 0], [1, 1, 1]]
    np.testing.assert_allclose(grade(luma, colors)[0], expected, atol=1e-6)


def test_saturation_keeps_gray_and_widens_colors() -> None:
    picture = np.array([[[0.5, 0.5, 0.5], [0.6, 0.5, 0.4]]], np.float32)
    lively = saturate(picture, 2.0)
    np.testing.assert_allclose(lively[0, 0], 0.5, atol=1e-6)
    assert np.ptp(lively[0, 1]) == pytest.approx(2 * np.ptp(picture[0, 1]), abs=1e-5)
