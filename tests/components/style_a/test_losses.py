"""Losses: zero where they must be, larger where the picture is worse, gradients where something is to be learned."""

from __future__ import annotations

import pytest
import torch

from components.style_a import losses


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_perfect_output_costs_nothing(picture: torch.Tensor) -> None:
    features = losses.FrozenFeatures()(picture)
    assert losses.weighted_l1(picture, picture) == 0
    assert losses.gradient_loss(picture, picture) == 0
    assert losses.perceptual_loss(features, features) == 0
    assert losses.statistics_loss(features, features) == 0


def test_weight_stresses_its_region(picture: torch.Tensor) -> None:
    weight = torch.zeros(2, 1, 32, 32)
    weight[..., :16, :] = 1
    below, above = picture.clone(), picture.clone()
    below[..., 17:, :] += 0.5
    above[..., :15, :] += 0.5
    assert losses.weighted_l1(below, picture, weight) == 0
    assert losses.gradient_loss(below, picture, weight) == 0
    assert losses.weighted_l1(above, picture, weight) > 0.2


def test_gradient_loss_ignores_a_constant_and_sees_blur(picture: torch.Tensor) -> None:
    assert losses.gradient_loss(picture + 0.3, picture) == pytest.approx(0, abs=1e-6)
    assert losses.gradient_loss(torch.nn.functional.avg_pool2d(picture, 3, 1, 1), picture) > 0.3


def test_frozen_features_follow_their_seed_and_never_learn() -> None:
    first, again, other = losses.FrozenFeatures(0), losses.FrozenFeatures(0), losses.FrozenFeatures(1)
    assert torch.equal(first.weight0, again.weight0)
    assert not torch.equal(first.weight0, other.weight0)
    assert list(first.parameters()) == []
    assert first.state_dict() == {}


def test_statistics_loss_ignores_layout_but_not_texture(picture: torch.Tensor) -> None:
    network = losses.FrozenFeatures()
    wanted = network(picture)
    moved = network(picture.roll((9, 5), (2, 3)))
    smooth = network(torch.nn.functional.avg_pool2d(picture, 3, 1, 1))
    assert losses.statistics_loss(moved, wanted) < 0.25 * losses.statistics_loss(smooth, wanted)


def test_adversarial_losses_point_in_opposite_directions() -> None:
    sure_real, sure_fake = torch.full((1,), 5.0), torch.full((1,), -5.0)
    assert losses.discriminator_loss(sure_real, sure_fake) < 0.1 < losses.discriminator_loss(sure_fake, sure_real)
    assert losses.generator_loss(sure_real) < 0.1 < losses.generator_loss(sure_fake)


def test_squares_count_large_errors_most(picture: torch.Tensor) -> None:
    even = torch.ones_like(picture[:, :1])
    spread, peak = picture + 0.1, picture.clone()
    peak[..., :16, :] += 0.2  # the same mean error
    assert losses.weighted_squares(spread, picture, even) == pytest.approx(0.01, rel=1e-4)
    assert losses.weighted_squares(peak, picture, even) == pytest.approx(0.02, rel=1e-4)
    assert losses.weighted_l1(peak, picture) == pytest.approx(0.1, rel=1e-4)


def test_perceptual_loss_is_relative(picture: torch.Tensor) -> None:
    features = losses.FrozenFeatures()(picture)
    louder = [3 * feature for feature in features]
    assert losses.perceptual_loss([2 * f for f in features], features) == pytest.approx(len(features), rel=0.02)
    assert losses.perceptual_loss([2 * f for f in louder], louder) == pytest.approx(len(features), rel=0.02)
