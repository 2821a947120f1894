"""What the art model looks with: standardized features, classes mixed sharply, content at two scales."""

from __future__ import annotations

import pytest
import torch

from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.encoders import PORTRAIT, ContentEncoder, StyleEncoder, novelty
from components.style_a.art.palette import PALETTE_SIZE


@pytest.fixture
def encoder() -> StyleEncoder:
    torch.manual_seed(0)
    return StyleEncoder(classes=6, style=8, painted=4).eval()


def test_calibrated_features_are_standardized(encoder: StyleEncoder) -> None:
    pictures = torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    encoder.calibrate(pictures)
    features = (encoder.describe(pictures) - encoder.feature_mean) / encoder.feature_scale
    torch.testing.assert_close(features.mean(0), torch.zeros(encoder.features), rtol=0, atol=1e-3)
    varied = encoder.feature_scale > 2e-3
    torch.testing.assert_close(features.std(0)[varied], torch.ones(int(varied.sum())), rtol=0, atol=1e-3)


def test_the_code_forgets_where_things_are(encoder: StyleEncoder) -> None:
    """Texture, not layout: a picture shifted by the encoder's whole stride, around its border."""
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    shifted = picture.roll((16, 32), (2, 3))
    other = torch.nn.functional.avg_pool2d(picture, 5, 1, 2)
    near, far = ((encoder.describe(p) - encoder.describe(picture)).abs().mean() for p in (shifted, other))
    assert near < 0.1 * far


def test_a_forced_class_replaces_the_recognized_one(encoder: StyleEncoder) -> None:
    deviation, palette = torch.randn(3, 8), torch.randn(3, PALETTE_SIZE)
    code = encoder.code(deviation, palette, torch.tensor([PORTRAIT, 2, -1]))
    assert code.shape == (3, 7 + 8)
    assert code[0, :7].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert code[1, :7].tolist() == [0, 0, 1, 0, 0, 0, 0]
    torch.testing.assert_close(code[2], encoder.code(deviation, palette)[2])
    assert code[2, 0] == 0  # art is asked for


def test_known_styles_are_mixed_sharply_and_unknown_pictures_count_as_painted(encoder: StyleEncoder) -> None:
    logits = torch.full((2, 7), -4.0)
    logits[0, 2] = 1.0  # surely class 2
    logits[1, 0] = 8.0  # surely no art
    logits[1, 1] = -1.0
    shares = encoder.shares(logits)
    assert novelty(logits).tolist() == [0.0, 1.0]
    torch.testing.assert_close(shares.sum(1), torch.ones(2))
    assert shares[0, 2] > 0.99
    assert shares[1, 0] == 0
    assert shares[1, 5] == pytest.approx(0.65, abs=0.02)
    assert shares[1, 1] > 0.3


def test_training_mixes_softly(encoder: StyleEncoder) -> None:
    logits = torch.tensor([[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    sharp, soft = encoder.shares(logits), encoder.train().shares(logits)
    torch.testing.assert_close(soft[0, 1:], torch.softmax(logits[0, 1:], 0))
    assert sharp[0, 1] > soft[0, 1]


def test_content_comes_at_half_and_quarter_size() -> None:
    half, quarter = ContentEncoder((6, 9))(torch.zeros(2, BRUSHES, 32, 48))
    assert half.shape == (2, 6, 16, 24)
    assert quarter.shape == (2, 9, 8, 12)
