"""The loss: zero for the truth, blind to frames that do not count, and aware of the lips."""

import numpy as np
import pytest
import torch

from components.common.lip_gap import lip_gap
from components.style_e.channels import CHANNELS, LEARNED, LEARNED_NAMES
from components.style_e.losses import GAP_SCALE, MotionLoss, add_noise, gap_direction
from components.style_e.windows import make_scheduler

GAP = gap_direction(np.ones(CHANNELS))


def windows(seed: int) -> torch.Tensor:
    return torch.randn(2, 10, CHANNELS, generator=torch.Generator().manual_seed(seed))


def test_the_truth_costs_nothing_and_frames_that_do_not_count_cost_nothing():
    loss, clean, valid = MotionLoss(0.5, 0.3, GAP), windows(0), torch.ones(2, 10, 1)
    assert loss(clean, clean, valid) == 0
    wrong = clean.clone()
    wrong[:, 6:] += 100
    valid[:, 6:] = 0
    assert loss(wrong, clean, valid) == 0


def test_terms_by_hand():
    clean, valid = torch.zeros(1, 3, CHANNELS), torch.ones(1, 3, 1)
    wrong = clean.clone()
    wrong[0, 1, 0] = 3.0  # one channel of one frame, so two steps of 3
    mean = 9 / (3 * CHANNELS)
    assert MotionLoss(0, 0, GAP)(wrong, clean, valid).item() == pytest.approx(mean, rel=1e-5)
    assert MotionLoss(0.5, 0, GAP)(wrong, clean, valid).item() == pytest.approx(3 * mean, rel=1e-5)


def test_the_gap_direction_is_the_lip_gap():
    std = np.linspace(0.1, 0.3, CHANNELS)
    channels = np.random.default_rng(0).random(CHANNELS)
    weights = np.zeros(58)
    weights[LEARNED] = channels[: len(LEARNED)] * std[: len(LEARNED)]
    assert float(gap_direction(std) @ channels) == pytest.approx(lip_gap(weights) / GAP_SCALE, rel=1e-5)
    assert GAP[LEARNED_NAMES.index("jawOpen")] > 0 > GAP[LEARNED_NAMES.index("mouthClose")]


def test_noise_at_the_ends_of_the_schedule():
    clean, noise = windows(1), windows(2)
    alphas = make_scheduler().alphas_cumprod
    first, last = (add_noise(clean, noise, torch.full((2,), t), alphas) for t in (0, 999))
    torch.testing.assert_close(first, clean, atol=0.05, rtol=0.05)
    torch.testing.assert_close(last, noise, atol=1e-3, rtol=1e-3)
