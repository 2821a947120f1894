"""Figures of the motion: an untrained network is as good as its prior, no better; known numbers give known decibels."""

from __future__ import annotations

import pytest
import torch

from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.network import MotionConfig, MotionNetwork
from components.style_a.motion.quality import PAIRS, decibels, measure_pairs, prior_picture, repeat_portraits

CPU = torch.device("cpu")


def test_an_untrained_network_equals_its_prior(sampler: PairSampler) -> None:
    network = MotionNetwork(MotionConfig(size=64, widths=(8, 8, 8), style=8, code=8)).eval()
    rows, sheet = measure_pairs(network, sampler, 2, CPU)
    assert len(rows) == 2 * PAIRS
    for row in rows:
        assert row["motion_gain_over_prior"] == pytest.approx(0, abs=0.01)
        assert row["mouth_gain_over_prior"] == pytest.approx(0, abs=0.01)
    assert sheet.shape == (6 * 64, 4 * 64, 3)


def test_the_prior_picture_is_the_warped_portrait(sampler: PairSampler) -> None:
    batch = sampler.batch(0, PAIRS, 0.0, jitter=False)
    portraits = repeat_portraits(batch)
    assert portraits.shape == batch.target.shape
    assert torch.equal(portraits[0], portraits[1])  # two frames a portrait
    assert decibels(prior_picture(batch), batch.target) > decibels(portraits, batch.target)  # it moves the right way


def test_decibels() -> None:
    target = torch.zeros(3, 4, 4)
    assert decibels(target + 0.2, target) == pytest.approx(20.0, abs=1e-3)  # of a range of 2
    assert decibels(target + 9, target) == pytest.approx(6.02, abs=0.01)  # out of range counts as its border
    assert decibels(target, target) == 100.0  # equal pictures
