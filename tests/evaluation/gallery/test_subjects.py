"""Subjects: a head cut out of its background, a landscape in layers."""

from __future__ import annotations

import numpy as np

from evaluation.gallery.subjects import FAR, MEADOW, SIDE, SKY, SUN, WATER, cloud, colored, head, landscape


def test_a_head_stands_in_the_middle() -> None:
    sitter = head(5, "short")
    assert sitter.figure[SIDE // 2, SIDE // 2] == 1
    assert sitter.figure[2, 2] == 0
    assert sitter.luma.min() == 0
    assert sitter.luma.max() == 1


def test_the_sky_is_above() -> None:
    things, shade = landscape(1)
    assert things[0, 0] == SKY
    assert set(np.unique(things)) >= {SKY, SUN, FAR, WATER, MEADOW}
    assert 0 <= shade.min() <= shade.max() <= 1
    black = colored(things, shade, ((0, 0, 0),) * 6, 0.5)
    assert black.max() == 0
    assert abs(float(cloud(3, 4).std()) - 1) < 1e-3
