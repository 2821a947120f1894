"""Wrinkles: mirrored maps, driven by the shapes of their own side."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS
from components.synthetic.head.creases import CREASE_NAMES, MAP_SIZE, crease_drivers
from components.synthetic.head.template import HeadTemplate


@pytest.fixture(scope="module")
def maps(template: HeadTemplate) -> NDArray[np.float32]:
    return template.creases


def test_left_maps_mirror_right_ones(maps: NDArray[np.float32]) -> None:
    assert maps.shape == (len(CREASE_NAMES), MAP_SIZE, MAP_SIZE)
    for row, name in enumerate(CREASE_NAMES):
        if name.endswith("Left"):
            other = CREASE_NAMES.index(name.replace("Left", "Right"))
            np.testing.assert_allclose(maps[row], maps[other][:, ::-1], atol=1e-5)
            assert np.abs(maps[row]).max() > 0.1


def test_the_folds_of_a_smile_are_beside_the_mouth_and_forehead_lines_are_above(maps: NDArray[np.float32]) -> None:
    def height(name: str) -> float:
        """Row of the darkest pixel, 0 at the top of the head."""
        return float(np.unravel_index(maps[CREASE_NAMES.index(name)].argmax(), maps.shape[1:])[0])

    assert height("foreheadLeft") < height("frownLeft") < height("noseLeft") < height("foldLeft") < height("chinLeft")
    assert maps.max() > 0.25  # valleys
    assert maps.min() < 0  # with a lighter ridge


def test_each_shape_drives_the_maps_of_its_side() -> None:
    drivers = crease_drivers()
    assert drivers.shape == (len(CREASE_NAMES), WEIGHTS)
    assert (drivers.max(1) > 0).all()
    frown_left, frown_right = (CREASE_NAMES.index(f"frown{side}") for side in ("Left", "Right"))
    assert drivers[frown_left, INDEX["browDownLeft"]] > 0.9
    assert drivers[frown_right, INDEX["browDownLeft"]] == 0
    # Shapes without a side drive both.
    chin_left, chin_right = (CREASE_NAMES.index(f"chin{side}") for side in ("Left", "Right"))
    assert drivers[chin_left, INDEX["mouthShrugLower"]] == drivers[chin_right, INDEX["mouthShrugLower"]] > 0
