"""Techniques of the gallery: inks where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.gallery.media import borders, carved, dotted, inked, outlines, over, panes, rgb, rubbed, screened, soft
from evaluation.gallery.subjects import SIDE


def plane(value: float) -> np.ndarray:
    return np.full((SIDE, SIDE), value, np.float32)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_screens_and_cuts_hold_the_tone(share: float) -> None:
    assert screened(plane(share), 7, 30).mean() == pytest.approx(share, abs=0.12)
    assert carved(plane(share), 7, plane(0)).mean() == pytest.approx(1 - share, abs=0.12)


def test_inks_change_at_their_borders() -> None:
    ramp = np.tile(np.linspace(0, 1, SIDE, dtype=np.float32), (SIDE, 1))
    picture = inked(ramp, (0.5,), ((0, 0, 0), (255, 0, 0)))
    np.testing.assert_allclose(picture[0, [10, -10]], [[0, 0, 0], [1, 0, 0]])


def test_lines_lie_between_panes_and_beside_edges() -> None:
    labels = np.repeat([0, 1], SIDE // 2)[None].repeat(SIDE, 0)
    lines = borders(labels, 3)
    assert lines[:, SIDE // 2].min() > 0.5
    assert lines[:, : SIDE // 2 - 5].max() == 0
    assert outlines(soft(labels.astype(np.float32), 1), 1.5, 5)[:, SIDE // 2 - 4 : SIDE // 2 + 4].max() > 0.3
    assert len(np.unique(panes(1, 20))) > 10


def test_dabs_stay_near_the_color_and_coal_within_its_cover() -> None:
    red = over(np.zeros((SIDE, SIDE, 3), np.float32), rgb(200, 30, 30), plane(1))
    dabs = dotted(red, rgb(255, 255, 255), 8, 0.02, 0)
    assert np.abs(dabs.mean((0, 1)) - red[0, 0]).max() < 0.15
    assert rubbed(plane(0), 0, 45).max() == 0
    assert 0.4 < rubbed(plane(0.7), 0, 45).mean() < 0.8
