"""The art generator: a bounded grid, codes that meet at degree 0, one training pass, a small default size."""

from __future__ import annotations

import numpy as np
import torch

from components.style_a.art.brush_bank import BRUSHES
from components.style_a.art.encoders import PORTRAIT
from components.style_a.art.style_corpus import StyleCorpus, draw_batch, draw_views
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.synthesis import ArtConfig, FusionMask, Synthesis, to_grid


def test_grid_caps_the_size_and_leaves_small_banks() -> None:
    assert to_grid(torch.zeros(1, 2, 512, 640)).shape == (1, 2, 256, 320)
    assert to_grid(torch.zeros(1, 2, 96, 96)).shape == (1, 2, 96, 96)


def test_default_model_is_small() -> None:
    stylist = ArtStylist(ArtConfig(STYLE_NAMES))
    assert sum(p.numel() for p in stylist.parameters()) <= 600_000
    assert stylist.generator.synthesis.mix.out_features == 3 * BRUSHES + 3


def test_a_config_counts_its_classes() -> None:
    config = ArtConfig(("oil", "pop"), variants=3, code=10)
    assert config.classes == 6
    assert config.code_size == 1 + 6 + 10
    assert config.as_json()["styles"] == ["oil", "pop"]


def test_the_fusion_mask_lies_between_both() -> None:
    torch.manual_seed(0)
    fusion = FusionMask(3, 4)
    fused, mask = fusion(torch.zeros(2, 3, 5, 5), torch.ones(2, 3, 5, 5), torch.randn(2, 4))
    assert mask.shape == (2, 1, 5, 5)
    torch.testing.assert_close(fused, mask.expand(-1, 3, -1, -1))


def test_a_class_starts_as_its_mix_of_brushes() -> None:
    torch.manual_seed(0)
    config = ArtConfig(("oil",), variants=1, code=4, half_width=4, quarter_width=4, full_width=4)
    synthesis = Synthesis(config)
    mixes = torch.zeros(2, 3, BRUSHES + 1)
    mixes[1, 0, 5], mixes[1, 1, -1] = 1, 0.25  # red is the sixth brush, green a constant
    synthesis.set_mixes(mixes)
    bank, code = torch.rand(1, BRUSHES, 8, 8), torch.zeros(1, config.code_size)
    code[0, 1] = 1
    picture = synthesis.draw(bank, torch.zeros(1, 4, 4, 4), code)
    nonlinear = synthesis.to_rgb.weight.abs().sum().item()  # of small weights: an upper bound of its order
    assert (picture[0, 0] - bank[0, 5]).abs().max() < nonlinear
    torch.testing.assert_close(picture[0, 1] - 0.25, torch.zeros(8, 8), rtol=0, atol=nonlinear)


def test_degree_zero_is_the_portraits_own_code(stylist: ArtStylist) -> None:
    torch.manual_seed(1)
    generator = stylist.generator
    portrait, art = torch.randn(2, stylist.config.code_size), torch.randn(2, stylist.config.code_size)
    degrees = torch.tensor([[0.0], [1.0]])
    code = generator.interpolate(portrait, art, degrees)
    torch.testing.assert_close(code[0], portrait[0])
    assert (code[1] - portrait[1]).norm() > (code[1] - art[1]).norm()  # the full degree is the refined art code


def test_a_training_pass_is_the_codes_painted(stylist: ArtStylist, corpus: StyleCorpus) -> None:
    rng = np.random.default_rng(0)
    samples, (views, _) = draw_batch(corpus, 3, 32, rng), draw_views(corpus, 2, rng)
    generator, encoder = stylist.generator, stylist.generator.style_encoder
    is_taught = torch.tensor([True, False, True])
    with torch.no_grad():
        picture, mask, logits = generator(samples, views, is_taught)
        portrait = generator.portrait_code(samples.portrait_view, samples.portrait_palette)
        label = torch.where(is_taught, samples.art_label, -1)
        art = encoder.code(encoder.deviation(samples.art_view), samples.art_palette, label)
        expected, _ = generator.paint(samples.bank, generator.interpolate(portrait, art, samples.degree))
    torch.testing.assert_close(picture, expected, rtol=1e-4, atol=1e-4)
    assert 0 < mask < 1
    assert logits.shape == (3 + 3 + 2, 1 + stylist.config.classes)
    assert encoder.shares(logits)[:, PORTRAIT].tolist() == [0] * 8
