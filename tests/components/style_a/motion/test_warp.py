"""Pictures through flows: identity, shifts, mouths on top, softened folds."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.motion.warp import enlarge_flow, find_folds, identity_flow, lay_mouth, soften_folds, warp_image


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


def test_an_enlarged_flow_keeps_its_displacement() -> None:
    flow = identity_flow(16, 64) + np.float32([3, -2])
    large = enlarge_flow(flow, 64, 48)
    np.testing.assert_allclose(large - identity_flow(48, 64), np.broadcast_to([3, -2], (48, 48, 2)), atol=1e-4)
    assert enlarge_flow(flow, 64, 16) is flow


def test_a_closed_mouth_leaves_the_picture() -> None:
    picture = np.full((8, 8, 3), 7, np.float32)
    assert lay_mouth(picture, np.zeros((4, 4, 4), np.float32)) is picture
    assert soften_folds(picture, np.zeros((4, 4), np.uint8)) is picture
    np.testing.assert_array_equal(picture, 7)
