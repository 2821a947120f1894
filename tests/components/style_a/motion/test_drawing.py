"""Filling triangles, warping pictures, painting mouths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.style_a.motion.prior import FittedPortrait
from components.style_a.motion.rasterizer import fill
from components.style_a.motion.warp import find_folds, identity_flow, lay_mouth, soften_folds, warp_image


def test_fill_interpolates_and_later_triangles_win() -> None:
    points = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])
    out, classes = np.zeros((8, 8, 2)), np.zeros((8, 8), np.int32)
    fill(points, points, np.array([[0, 1, 2], [1, 3, 2]], np.int32), out, classes, 1)
    expected = np.stack(np.meshgrid(np.arange(8) + 0.5, np.arange(8) + 0.5), -1)
    assert np.allclose(out, expected)
    assert classes.all()
    fill(points, points * 0, np.array([[0, 1, 2]], np.int32), out, classes, 2)
    assert classes[0, 0] == 2
    assert classes[7, 7] == 1


@given(st.lists(st.floats(-1e4, 1e4), min_size=6, max_size=6))
@settings(max_examples=30, deadline=None)
def test_fill_stays_inside_the_grid(values: list[float]) -> None:
    out, classes = np.zeros((5, 7, 1)), np.zeros((5, 7), np.int32)
    fill(np.array(values).reshape(3, 2), np.ones((3, 1)), np.array([[0, 1, 2]], np.int32), out, classes, 1)
    assert ((out[..., 0] == 0) | np.isclose(out[..., 0], 1, atol=1e-3)).all()


@pytest.mark.parametrize(("grid", "size"), [(32, 64), (64, 64), (16, 96)])
def test_identity_flow_gives_the_picture_back(grid: int, size: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    assert np.abs(warp_image(picture, identity_flow(grid, size), size) - picture).max() <= 1


def test_flow_moves_the_picture() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 20] = 255
    shifted = warp_image(picture, identity_flow(64, 64) + np.float32([-5, 0]), 64)
    assert shifted[32].sum(-1).argmax() == 25


def test_mouth_is_laid_where_it_is_opaque() -> None:
    mouth = np.zeros((16, 16, 4), np.float32)
    mouth[6:10, 4:12] = [1.0, 0.5, 0.0, 1.0]
    picture = lay_mouth(np.zeros((64, 64, 3), np.float32), mouth)
    assert picture[32, 32] == pytest.approx([255, 127.5, 0], abs=1)
    assert not picture[:20].any()
    whole = lay_mouth(np.zeros((16, 16, 3), np.float32), mouth)
    assert whole[6:10, 4:12, 0] == pytest.approx(255)


def test_folds_are_found_and_softened() -> None:
    flow = identity_flow(32, 32)
    assert not find_folds(flow).any()
    flow[:, 16:, 0] += 10
    folds = find_folds(flow)
    assert folds[:, 15].all()
    picture = np.zeros((32, 32, 3), np.float32)
    picture[:, 16:] = 255
    steep = np.abs(np.diff(picture[10, :, 0])).max()
    assert np.abs(np.diff(soften_folds(picture.copy(), folds)[10, :, 0])).max() < 0.7 * steep


def test_teeth_show_in_a_wide_smile(fitted: FittedPortrait, portrait: Any) -> None:
    mouth = fitted(portrait.change(jawOpen=0.25, mouthSmile=0.6, mouthUpperUp=0.6), 256).mouth
    inside = mouth[mouth[..., 3] > 0.8][:, :3]
    assert len(inside) > 50
    assert inside.max() > 0.55  # enamel
    assert inside.min() < 0.2  # cavity


def test_upper_teeth_stay_when_the_jaw_drops(fitted: FittedPortrait, portrait: Any) -> None:
    """The bright row under the upper lip keeps its height; the lower row moves down with the jaw."""
    tops = []
    for jaw in (0.4, 0.8):
        mouth = fitted(portrait.change(jawOpen=jaw), 256).mouth
        bright = (mouth[..., :3].mean(-1) > 0.35) & (mouth[..., 3] > 0.5)
        tops.append(np.flatnonzero(bright.any(1))[0] if bright.any() else -1)
    assert abs(tops[0] - tops[1]) <= 3
