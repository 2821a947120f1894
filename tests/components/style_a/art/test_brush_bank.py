"""The brush bank: every channel, the picture first, the same bytes again, finite for any picture."""

from __future__ import annotations

import numpy as np
import pytest

from components.style_a.art.brush_bank import BRUSHES, CHANNELS, TONE_QUANTILES, brush_bank, paint_all, tone_ranks
from tests.components.style_a.art.pictures import face


def test_bank_has_every_channel_and_starts_with_the_picture() -> None:
    image = face()
    bank = brush_bank(image)
    assert bank.shape == (128, 128, BRUSHES)
    assert bank.dtype == np.uint8
    assert len(set(CHANNELS)) == BRUSHES
    np.testing.assert_array_equal(bank[..., :3], image)
    flat = [name for k, name in enumerate(CHANNELS) if bank[..., k].std() < 1]
    assert flat == []
    np.testing.assert_array_equal(brush_bank(image.copy()), bank)


@pytest.mark.parametrize("value", [0, 255])
def test_flat_pictures_give_finite_brushes(value: int) -> None:
    brushes = paint_all(np.full((64, 48, 3), value, np.uint8))
    for name, plane in vars(brushes).items():
        assert np.isfinite(plane).all(), name


def test_tone_ranks_split_the_area_at_fixed_shares() -> None:
    luma = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(256, 0)
    ranks = tone_ranks(luma)
    np.testing.assert_allclose(ranks.sum(-1), 1, atol=1e-5)
    shares = np.diff([0, *TONE_QUANTILES, 100]) / 100
    np.testing.assert_allclose(ranks.mean((0, 1)), shares, atol=0.02)
    assert ranks[128, 0].argmax() == 0  # dark first
    assert ranks[128, 255].argmax() == 4
