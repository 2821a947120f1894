"""What shows when lips part: teeth where they belong, lit like the face, nothing in a closed mouth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.style_a.motion.mouth import aperture, closedness, skin_tint
from components.style_a.motion.prior import FittedPortrait


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


def test_a_resting_mouth_is_closed(fitted: FittedPortrait) -> None:
    assert aperture(fitted.face) < 0.25
    assert closedness(fitted.basis, fitted.face) == 1


def test_the_inside_is_lit_like_the_cheeks() -> None:
    landmarks = np.full((468, 3), 20.0)
    tints = [skin_tint(np.full((40, 40, 3), color, np.uint8), landmarks) for color in (160, (160, 80, 80), 10, 255)]
    assert tints[0] == pytest.approx([160 / 255 / 0.64] * 3, abs=1e-3)
    assert tints[1][0] > tints[1][1] == tints[1][2]  # a warm light
    assert tints[2] == pytest.approx([0.25] * 3)  # bounds
    assert tints[3] == pytest.approx([1.15] * 3)
    outside = skin_tint(np.full((40, 40, 3), 160, np.uint8), landmarks + 100)  # a face cut off by the picture
    assert outside == pytest.approx(tints[0])
